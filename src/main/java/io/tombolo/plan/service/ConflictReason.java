package io.tombolo.plan.service;

/** What exporters can disagree on, with the reasons of {@code ServiceExport}'s condition {@code Conflict} (mcs-api v1beta1). */
public enum ConflictReason {
    PORT("PortConflict", "ports"),
    TYPE("TypeConflict", "type"),
    SESSION_AFFINITY("SessionAffinityConflict", "session affinity"),
    SESSION_AFFINITY_CONFIG("SessionAffinityConfigConflict", "session affinity timeout"),
    ANNOTATIONS("AnnotationsConflict", "exported annotations"),
    LABELS("LabelsConflict", "exported labels"),
    INTERNAL_TRAFFIC_POLICY("InternalTrafficPolicyConflict", "internal traffic policy"),
    TRAFFIC_DISTRIBUTION("TrafficDistributionConflict", "traffic distribution"),
    IP_FAMILY("IPFamilyConflict", "IP families");

    private final String reason;
    private final String subject;

    ConflictReason(String reason, String subject) {
        this.reason = reason;
        this.subject = subject;
    }

    /** The condition reason; several are joined by a comma without a space. */
    public String reason() {
        return reason;
    }

    /** What is disagreed on, for people. */
    public String subject() {
        return subject;
    }
}

package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the cluster's DNS learns to forward {@code clusterset.local}. */
public enum DnsWiring {
    /** {@link #CUSTOM_CONFIG_MAP} where that ConfigMap exists, else {@link #COREFILE}. */
    @JsonProperty("Auto")
    AUTO,
    /** One marked block in ConfigMap {@code coredns}. */
    @JsonProperty("Corefile")
    COREFILE,
    /** A key of ConfigMap {@code coredns-custom}, as k3s reads it. */
    @JsonProperty("CustomConfigMap")
    CUSTOM_CONFIG_MAP,
    /** By the admin, as {@code status.dns.snippet} shows. */
    @JsonProperty("None")
    NONE
}

package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.tombolo.net.NamespacedName;

/** Names of the objects, labels, annotations and field managers that more than one part relies on. */
public final class ObjectNames {
    /** Where our workloads run, where environment variable POD_NAMESPACE says nothing else. */
    public static final String NAMESPACE = "tombolo-system";

    /** The one LocalCluster. */
    public static final String LOCAL_CLUSTER = "local";

    /** Deployment and ServiceAccount of the operator. */
    public static final String OPERATOR = "tombolo-operator";

    /** StatefulSet, ServiceAccount, and key Secret of the gateways; the pod of slot i is {@code tombolo-gateway-<i>}. */
    public static final String GATEWAY = "tombolo-gateway";

    /** DaemonSet and ServiceAccount of the node agent. */
    public static final String NODE = "tombolo-node";

    /** Deployment, Service and ServiceAccount of the DNS server. */
    public static final String DNS = "tombolo-dns";

    /** Secret with the cluster's identity: read by the operator only. */
    public static final String IDENTITY_SECRET = "tombolo-identity";

    /** ConfigMap with our signed announcement ({@link AnnouncementMap}). */
    public static final String ANNOUNCEMENT = "tombolo-announcement";

    /** Lease of the gateway that writes what peers export. */
    public static final String IMPORTER_LEASE = "tombolo-importer";

    /** Preferred (not required) on nodes that shall run a gateway. */
    public static final String GATEWAY_NODE_LABEL = "tombolo.io/gateway";

    /** {@code endpointslice.kubernetes.io/managed-by}: whose slices these are. */
    public static final String MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

    /** Our value of {@link #MANAGED_BY_LABEL}. */
    public static final String MANAGED_BY = "tombolo.io";

    /** On a derived Service: {@code "true"}. */
    public static final String DERIVED_LABEL = "tombolo.io/derived";

    /** On everything of a service that the importer makes: the service's name. */
    public static final String SERVICE_LABEL = "tombolo.io/service";

    /** On a slice of a derived Service: the cluster its endpoints are in. */
    public static final String SOURCE_LABEL = "tombolo.io/source-cluster";

    /** KEP-1645: the service an imported slice belongs to. */
    public static final String MCS_SERVICE_LABEL = "multicluster.kubernetes.io/service-name";

    /** KEP-1645: the cluster an imported slice comes from. */
    public static final String MCS_CLUSTER_LABEL = "multicluster.kubernetes.io/source-cluster";

    /** On what the importer writes: the epoch of its Lease ({@link WriterLease}), decimal. A policy refuses a lower one. */
    public static final String WRITER_EPOCH_ANNOTATION = "tombolo.io/writer-epoch";

    /** On LocalCluster: a time. Lane keys that were made before it are followed by others when it has come. */
    public static final String ROTATE_ANNOTATION = "tombolo.io/rotate-keys-at";

    /** Field manager of the operator. */
    public static final String OPERATOR_MANAGER = "tombolo-operator";

    /** Field manager of the importer, whichever gateway it is. */
    public static final String IMPORTER_MANAGER = "tombolo-importer";

    private ObjectNames() {}

    /** Field manager of the gateway of a slot: it writes its own paths. */
    public static String gatewayManager(int slot) {
        return GATEWAY + "-" + slot;
    }

    /** The name of a namespaced object. */
    public static NamespacedName of(HasMetadata object) {
        return new NamespacedName(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    /** POD_NAMESPACE, else {@link #NAMESPACE}. */
    public static String namespace() {
        String namespace = System.getenv("POD_NAMESPACE");
        return namespace == null || namespace.isBlank() ? NAMESPACE : namespace;
    }
}

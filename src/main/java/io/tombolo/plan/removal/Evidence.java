package io.tombolo.plan.removal;

/** What an agent learned about the installation it belongs to. */
public enum Evidence {
    /** The open watch said that ConfigMap {@code tombolo-network} is DELETED; it still says so after RBAC is gone. */
    NETWORK_DELETED(true),
    /** The API server answered 404 for it. */
    NETWORK_NOT_FOUND(true),
    /** SelfSubjectReview answered 401 although the token has not expired: the ServiceAccount is gone. */
    TOKEN_REVOKED(true),
    /** SelfSubjectReview answered 401, and the token has expired: says nothing about the installation. */
    TOKEN_EXPIRED(false),
    /** 403: rights are gone, which may be the beginning of a removal, or a mistake. */
    FORBIDDEN(false),
    /** The open watch says that the cluster wants fewer gateways than there were: this one is to go for good. */
    SLOT_UNWANTED(false),
    /** Our token is good, but the LocalCluster that owns us is gone or going: the rest of it will follow. */
    OWNER_GONE(false),
    /** SelfSubjectReview answered 200 and our owner stands: we are somebody here still. */
    KNOWN(false),
    /** No answer, or one that says nothing (5xx). */
    SILENCE(false);

    private final boolean proof;

    Evidence(boolean proof) {
        this.proof = proof;
    }

    /** Whether it proves by itself that the installation is gone. */
    public boolean isProof() {
        return proof;
    }
}

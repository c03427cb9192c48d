package io.tombolo.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/** Where a gateway's door listens. @param port 1-65526; lane k is at port + 1 + k */
@ApiObject
public record GatewayEndpoint(
        @Required @Text(Shape.GATEWAY_ADDRESS) String address,
        @Required @Text(Shape.PORT) int port) {}

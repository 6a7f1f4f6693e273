/**
 * A call's exchange between its caller and an upstream.
 *
 * <p>Owns: protocols, streaming, back-pressure, timeouts, retries, hop-by-hop fields, and refusals
 * as problem+json. Does not own: who may pass.
 */
@NullMarked
package io.tollgate.proxy.forward;

import org.jspecify.annotations.NullMarked;

/**
 * The JVM's way in.
 *
 * <p>Owns: handing over, and the class loader that keeps the rest of the agent out of the host's
 * sight. Uses java.base only, and nothing of it that a host may still want to configure: no
 * logging, no NIO, no management. Does not own: any decision.
 */
package io.tollgate.agent.premain;

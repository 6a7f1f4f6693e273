/**
 * The agent: counts configured methods per tenant inside an existing JVM.
 *
 * <p>Rooms in their order: premain, hook, config, report, context, install. A room uses only rooms
 * before it; {@link io.tollgate.agent.Agent} sees all of them.
 */
package io.tollgate.agent;

/**
 * The only class of the agent that woven host classes name.
 *
 * <p>Owns: the static methods woven code calls, and the switch to what stands behind them. Lives in
 * the boot loader, where every host class can see it; does nothing until a handler is set; never
 * throws. Does not own: what is done with a call.
 */
package io.tollgate.agent.hook;

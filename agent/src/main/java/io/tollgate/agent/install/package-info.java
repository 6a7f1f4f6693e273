/**
 * Weaving: which methods of the host call the hook.
 *
 * <p>Owns: matchers, advice, and the only use of Byte Buddy. Does not own: what a call means.
 */
package io.tollgate.agent.install;

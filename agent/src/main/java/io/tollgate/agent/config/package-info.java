/**
 * What the agent is told to do: the properties file and the agent's arguments, checked.
 *
 * <p>Owns: keys, defaults, units, and messages that name file, line and remedy. Does not own: what
 * happens when a setting is wrong; the agent then stays passive.
 */
package io.tollgate.agent.config;

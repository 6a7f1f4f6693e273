/**
 * The wire between the proxy, the agent and the control plane: immutable records on the JDK alone.
 *
 * <p>Owns: the shape and meaning of every message that crosses a process boundary, and the period
 * arithmetic both sides must do alike. Does not own: JSON libraries, transport, storage, or any
 * decision made from a message.
 *
 * <p>Every message begins with its {@code format}. Fields are only ever added, never renamed,
 * removed or given another meaning; readers ignore fields they do not know. The files in {@code
 * golden/} hold one example of each message, and every program tests its encoder and decoder
 * against them. Instants are ISO 8601 in UTC, durations ISO 8601, names camel case.
 */
@NullMarked
package io.tollgate.contract;

import org.jspecify.annotations.NullMarked;

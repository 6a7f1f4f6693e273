/**
 * Whose request is this thread serving.
 *
 * <p>Owns: the tenant bound to a thread, and carrying it along with a task handed to an executor, a
 * CompletableFuture or a virtual thread. Does not own: where a tenant is read from a request.
 */
package io.tollgate.agent.context;

/**
 * HTTP's own forms, as both sides of a call read and write them.
 *
 * <p>Owns: heads as bytes, field names, the forms of fields in either HTTP, and bytes on a
 * connection that left HTTP. Does not own: connections, and what a message means.
 */
@NullMarked
package io.tollgate.proxy.http;

import org.jspecify.annotations.NullMarked;

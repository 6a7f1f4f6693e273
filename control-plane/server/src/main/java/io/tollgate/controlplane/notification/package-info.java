/**
 * Messages to people.
 *
 * <p>Owns: templates and delivery. Does not own: their occasions.
 */
@NullMarked
package io.tollgate.controlplane.notification;

import org.jspecify.annotations.NullMarked;

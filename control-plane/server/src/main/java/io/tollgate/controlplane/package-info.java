/**
 * The control plane: plans, subscriptions, usage, invoices, payments, dunning, entitlements.
 *
 * <p>Owns: the composition of the rooms and the command line. Does not own: any rule; those live in
 * the rooms.
 */
@NullMarked
package io.tollgate.controlplane;

import org.jspecify.annotations.NullMarked;

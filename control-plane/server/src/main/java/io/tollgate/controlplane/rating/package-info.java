/**
 * Units and terms to priced lines.
 *
 * <p>Owns: price models and proration, pure. Does not own: storage or time.
 *
 * <p>How a step of a subscription's life ({@code Revision}) is billed, with {@code Fees} of its two
 * sides:
 *
 * <ul>
 *   <li>it comes into force (START, ACTIVATE or END_TRIAL to active; REACTIVATE): {@code
 *       after.inAdvance(after.current)}, the setup fee if it never was in force;
 *   <li>its period ends (RENEW): {@code before.inArrears(before.current)}, then {@code
 *       after.inAdvance(after.current)};
 *   <li>it ends (CANCEL, TERMINATE, to an ended state): {@code before.inArrears} of the period up
 *       to the revision's instant and, with a refund, {@code ChangeFees.credits};
 *   <li>it changes inside its period (CHANGE): {@code ChangeFees.lines}; where the change begins a
 *       new cycle (another {@code current}), {@code before.inArrears} up to it as well;
 *   <li>it brings a one-off add-on, whatever else it does: {@code after.oneOff};
 *   <li>anything else costs nothing. A trial's usage is free.
 * </ul>
 */
@NullMarked
package io.tollgate.controlplane.rating;

import org.jspecify.annotations.NullMarked;

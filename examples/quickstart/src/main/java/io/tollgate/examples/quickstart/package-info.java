/**
 * The quickstart: starts every program as its own process, plays one billing period and one unpaid
 * invoice of real tenants through real calls, and reconciles what was sent with what was invoiced.
 *
 * <p>Owns: the processes, the cast of tenants, the traffic, the story. Does not own: any rule; it
 * talks to the programs only as their users do, over HTTP.
 */
@NullMarked
package io.tollgate.examples.quickstart;

import org.jspecify.annotations.NullMarked;

/**
 * HTTP as every room speaks it.
 *
 * <p>Owns: the server, OpenAPI contract, bearer tokens and roles, problem+json, Idempotency-Key,
 * cursors, ETag. Does not own: any room's routes.
 */
@NullMarked
package io.tollgate.controlplane.web;

import org.jspecify.annotations.NullMarked;

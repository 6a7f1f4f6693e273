/**
 * The proxy's YAML files: settings and routes.
 *
 * <p>Owns: every key, its unit, default and range, and the swap to a newer file. Does not own: what
 * the values do.
 */
@NullMarked
package io.tollgate.proxy.config;

import org.jspecify.annotations.NullMarked;

/**
 * The proxy's YAML file, read strictly.
 *
 * <p>Owns: every key, its unit, default and range, and the words in which a mistake is refused.
 * Does not own: what the values do.
 */
@NullMarked
package io.tollgate.proxy.config.yaml;

import org.jspecify.annotations.NullMarked;

/**
 * YAML 1.2 files read strictly: an unknown key, a wrong type or a value out of range is refused
 * with file, line, key and what is allowed. Shared by the programs' configuration files, the
 * proxy's routes and the catalogs.
 *
 * <p>Owns: parsing, typed access, messages, secrets taken from the environment or a file. Does not
 * own: what any key means.
 */
@NullMarked
package io.tollgate.yaml;

import org.jspecify.annotations.NullMarked;

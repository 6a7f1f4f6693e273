/**
 * PostgreSQL.
 *
 * <p>Owns: the pool, transactions, row-level security, migrations, the outbox, the embedded server.
 * Does not own: any room's SQL.
 */
@NullMarked
package io.tollgate.controlplane.database;

import org.jspecify.annotations.NullMarked;

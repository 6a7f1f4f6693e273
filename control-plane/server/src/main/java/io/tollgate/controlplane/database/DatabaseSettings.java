package io.tollgate.controlplane.database;

import io.tollgate.yaml.Secret;
import java.time.Duration;

/**
 * Where PostgreSQL is and as whom to speak to it.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param name the database's name
 * @param app the role of run time; neither superuser nor owner, so that row-level security binds it
 * @param migrator the role that owns the tables and changes them at start
 * @param poolSize connections of this process, 1 to 1000; all replicas together must stay below the
 *     server's max_connections
 * @param patience how long to try at start before giving up
 */
public record DatabaseSettings(
    String host,
    int port,
    String name,
    Login app,
    Login migrator,
    int poolSize,
    Duration patience) {

  /**
   * A role and its password.
   *
   * @param user the role's name, of letters, digits and underscores
   */
  public record Login(String user, Secret password) {
    /** Checks the role's name, which is written into GRANT statements. */
    public Login {
      if (!user.matches("[A-Za-z_][A-Za-z0-9_]{0,62}")) {
        throw new IllegalArgumentException("not a role name: " + user);
      }
    }
  }

  /** The same settings on another database of the server. */
  public DatabaseSettings withName(String otherName) {
    return new DatabaseSettings(host, port, otherName, app, migrator, poolSize, patience);
  }

  /** The same settings with the server's port changed. */
  public DatabaseSettings withPort(int otherPort) {
    return new DatabaseSettings(host, otherPort, name, app, migrator, poolSize, patience);
  }

  String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + name;
  }
}

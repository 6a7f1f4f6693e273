package io.tollgate.controlplane;

import io.tollgate.controlplane.database.DatabaseSettings;
import io.tollgate.controlplane.invoice.document.Documents;
import io.tollgate.controlplane.invoice.document.TemplateException;
import io.tollgate.controlplane.payment.stripe.StripeSettings;
import io.tollgate.controlplane.usage.Retention;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Tokens;
import io.tollgate.controlplane.web.WebSettings;
import io.tollgate.yaml.Secret;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server's configuration, checked. {@code control-plane/README.md} describes every key.
 *
 * @param workers threads that work the agenda on this replica, 0 to 64
 * @param testClocks whether tenants may live by clocks that move by command
 * @param templates a folder of own invoice templates; null for Tollgate's
 * @param retention how long what bills were made of is kept
 * @param stripe how to collect through Stripe; null where invoices are paid by bank transfer only
 */
record Settings(
    WebSettings listen,
    DatabaseChoice database,
    List<Tokens.Configured> tokens,
    int workers,
    boolean testClocks,
    @Nullable Path templates,
    Retention retention,
    @Nullable StripeSettings stripe) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
  private static final long MOST_BODY = 64L << 20;

  /** Which PostgreSQL. */
  sealed interface DatabaseChoice {
    /** The one that comes with the program, in this process. */
    record Embedded(Path data, int port, int poolSize) implements DatabaseChoice {}

    /** One that runs elsewhere. */
    record Server(DatabaseSettings settings) implements DatabaseChoice {}
  }

  /**
   * Reads a file.
   *
   * @throws io.tollgate.yaml.YamlException naming line, key and what is allowed
   */
  static Settings read(Path file) {
    return read(YamlFile.read(file));
  }

  static Settings read(YamlMap root) {
    Settings settings =
        new Settings(
            listen(root.map("listen")),
            database(root.map("database")),
            tokens(root),
            root.find("workers").map(value -> value.integer(0, 64)).orElse(2),
            root.find("test-clocks").map(YamlValue::bool).orElse(false),
            templates(root.map("invoices")),
            retention(root.map("usage")),
            stripe(root.map("payments")));
    root.close();
    return settings;
  }

  /** The same with what the command line says instead. */
  Settings with(@Nullable String host, @Nullable Integer port, @Nullable Integer databasePort) {
    WebSettings listenThere =
        new WebSettings(
            host == null ? listen.host() : host,
            port == null ? listen.port() : port,
            listen.bodyLimit());
    return new Settings(
        listenThere,
        databasePort == null ? database : withPort(databasePort),
        tokens,
        workers,
        testClocks,
        templates,
        retention,
        stripe);
  }

  private static Retention retention(YamlMap usage) {
    Retention retention =
        new Retention(
            days(usage, "totals-days", 2, Retention.DEFAULT.totals()),
            days(usage, "transactions-days", 31, Retention.DEFAULT.transactions()));
    usage.close();
    return retention;
  }

  private static Duration days(YamlMap usage, String key, int least, Duration otherwise) {
    return usage
        .find(key)
        .map(value -> Duration.ofDays(value.integer(least, 36_500)))
        .orElse(otherwise);
  }

  private static @Nullable Path templates(YamlMap invoices) {
    YamlValue value = invoices.find("templates").orElse(null);
    invoices.close();
    if (value == null) {
      return null;
    }
    Path folder = Path.of(value.text());
    try {
      Documents.check(folder);
    } catch (TemplateException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
    return folder;
  }

  private static @Nullable StripeSettings stripe(YamlMap payments) {
    StripeSettings stripe =
        payments.has("stripe") ? StripeSettings.read(payments.map("stripe")) : null;
    payments.close();
    return stripe;
  }

  private DatabaseChoice withPort(int port) {
    return switch (database) {
      case DatabaseChoice.Embedded embedded ->
          new DatabaseChoice.Embedded(embedded.data(), port, embedded.poolSize());
      case DatabaseChoice.Server server ->
          new DatabaseChoice.Server(server.settings().withPort(port));
    };
  }

  private static WebSettings listen(YamlMap listen) {
    WebSettings settings =
        new WebSettings(
            listen.find("host").map(YamlValue::text).orElse("127.0.0.1"),
            listen.find("port").map(YamlValue::port).orElse(8080),
            listen.find("body-limit").map(Settings::bodyLimit).orElse(1L << 20));
    listen.close();
    return settings;
  }

  private static long bodyLimit(YamlValue value) {
    long bytes = value.bytes();
    if (bytes < 1024 || bytes > MOST_BODY) {
      throw value.mistake("a size from 1KiB to 64MiB is expected");
    }
    return bytes;
  }

  private static DatabaseChoice database(YamlMap database) {
    int poolSize = database.find("pool").map(value -> value.integer(2, 1000)).orElse(20);
    DatabaseChoice choice =
        database.has("embedded")
            ? embedded(database.map("embedded"), poolSize)
            : new DatabaseChoice.Server(server(database, poolSize));
    database.close();
    return choice;
  }

  private static DatabaseChoice embedded(YamlMap embedded, int poolSize) {
    DatabaseChoice choice =
        new DatabaseChoice.Embedded(
            Path.of(embedded.value("data").text()),
            embedded.find("port").map(YamlValue::port).orElse(5433),
            poolSize);
    embedded.close();
    return choice;
  }

  private static DatabaseSettings server(YamlMap database, int poolSize) {
    DatabaseSettings.Login app = login(database, "tollgate");
    DatabaseSettings.Login migrator =
        database.has("migrator") ? closedLogin(database.map("migrator")) : app;
    return new DatabaseSettings(
        database.find("host").map(YamlValue::text).orElse("127.0.0.1"),
        database.find("port").map(value -> value.integer(1, 65_535)).orElse(5432),
        database.find("name").map(value -> value.text(NAME, "a database name")).orElse("tollgate"),
        app,
        migrator,
        poolSize,
        database
            .find("patience")
            .map(value -> value.duration(Duration.ofSeconds(1), Duration.ofHours(1)))
            .orElse(Duration.ofSeconds(30)));
  }

  private static DatabaseSettings.Login closedLogin(YamlMap map) {
    DatabaseSettings.Login login = login(map, "postgres");
    map.close();
    return login;
  }

  private static DatabaseSettings.Login login(YamlMap map, String user) {
    return new DatabaseSettings.Login(
        map.find("user").map(value -> value.text(NAME, "a role name")).orElse(user),
        map.find("password").map(YamlValue::secret).orElse(new Secret("")));
  }

  private static List<Tokens.Configured> tokens(YamlMap root) {
    List<Tokens.Configured> tokens = new ArrayList<>();
    for (YamlValue value : root.list("tokens")) {
      YamlMap token = value.map();
      Role role = token.value("role").oneOf(Role.class);
      if (role == Role.TENANT) {
        throw token.mistake("role", "a tenant's token is made over the API, not configured");
      }
      Secret secret = token.value("secret").secret();
      if (secret.reveal().length() < 16) {
        throw token.mistake("secret", "a token of at least 16 characters is expected");
      }
      tokens.add(new Tokens.Configured(role, secret));
      token.close();
    }
    if (tokens.stream().noneMatch(token -> token.role() == Role.ADMIN)) {
      throw root.mistake(
          "tokens", "a token of the role admin is needed, or nobody can make the others");
    }
    return tokens;
  }
}

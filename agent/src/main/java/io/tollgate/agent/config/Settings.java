package io.tollgate.agent.config;

import java.io.File;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the agent does, checked. Comes from a properties file and the agent's arguments, of which
 * the arguments win. Immutable.
 *
 * <p>Keys, units and defaults stand in {@code agent/README.md}.
 */
public final class Settings {
  private static final String FEATURE = "features.";
  private static final int MOST_FEATURES = 1_000;

  private final List<Feature> features;
  private final String source;
  private final URI letterbox;
  private final int reportMillis;
  private final int shutdownMillis;
  private final File spool;
  private final int mostTenants;
  private final int mostOutstanding;
  private final String overflowTenant;
  private final boolean carriesContext;

  private Settings(SettingsReader read) throws SettingsException {
    this.features = features(read.startingWith(FEATURE));
    this.source = read.name("source", read.environment("HOSTNAME", "agent"));
    this.letterbox = read.httpUrl("letterbox.url", "http://127.0.0.1:9100/letterbox");
    this.reportMillis = read.millis("report.interval", "1s", 100, 3_600_000);
    this.shutdownMillis = read.millis("shutdown.timeout", "2s", 0, 60_000);
    this.spool = new File(read.text("spool.directory", defaultSpool()));
    this.mostTenants = read.number("tenants.max", 10_000, 1, 1_000_000);
    this.mostOutstanding = read.number("outstanding.max", 200_000, 1_000, 10_000_000);
    this.overflowTenant = read.name("tenants.overflow", "overflow");
    this.carriesContext = read.yesOrNo("context.carry", true);
    read.refuseTheRest(FEATURE + "<feature key>");
  }

  /**
   * Reads and checks everything.
   *
   * @param arguments what stands behind {@code -javaagent:tollgate-agent.jar=}: a file's name, or
   *     {@code key=value} pairs with commas between them, of which {@code config} names a file
   * @param environment the process' environment; {@code TOLLGATE_AGENT_CONFIG} names the file where
   *     the arguments name none
   * @return the settings
   * @throws SettingsException naming file, line and remedy of the first that is wrong
   */
  public static Settings read(@Nullable String arguments, Map<String, String> environment)
      throws SettingsException {
    Map<String, Setting> given = Arguments.read(arguments == null ? "" : arguments);
    Setting file = given.remove(Arguments.FILE);
    String path = file == null ? environment.get("TOLLGATE_AGENT_CONFIG") : file.value;
    Map<String, Setting> all = new HashMap<>();
    if (path != null && !path.isEmpty()) {
      PropertiesFile.read(path, all);
    }
    all.putAll(given);
    return new Settings(new SettingsReader(all, environment));
  }

  private static List<Feature> features(Map<String, Setting> settings) throws SettingsException {
    List<Feature> features = new ArrayList<>();
    for (Map.Entry<String, Setting> setting : new TreeMap<>(settings).entrySet()) {
      SettingsReader.checkName(setting.getValue(), setting.getKey());
      if (features.size() == MOST_FEATURES) {
        throw setting.getValue().refuse("is one feature too many; " + MOST_FEATURES + " may be");
      }
      features.add(
          new Feature(features.size(), setting.getKey(), MethodRule.parseAll(setting.getValue())));
    }
    return Collections.unmodifiableList(features);
  }

  private static String defaultSpool() {
    String user = System.getProperty("user.name", "unknown");
    return new File(System.getProperty("java.io.tmpdir", "."), "tollgate-agent-" + user).getPath();
  }

  /**
   * The features in the order of their numbers.
   *
   * @return the features; none means that the agent has nothing to do
   */
  public List<Feature> features() {
    return features;
  }

  /**
   * The name under which this process' totals are booked.
   *
   * @return the name
   */
  public String source() {
    return source;
  }

  /**
   * Where totals are delivered.
   *
   * @return an absolute http URL
   */
  public URI letterbox() {
    return letterbox;
  }

  /**
   * How long counts rest in memory before they are spooled and delivered.
   *
   * @return milliseconds
   */
  public int reportMillis() {
    return reportMillis;
  }

  /**
   * How long the end of the JVM may be held up by the last delivery.
   *
   * @return milliseconds
   */
  public int shutdownMillis() {
    return shutdownMillis;
  }

  /**
   * Where totals lie until they are delivered.
   *
   * @return a directory, which may not exist yet
   */
  public File spool() {
    return spool;
  }

  /**
   * How many tenants are counted each on its own.
   *
   * @return tenants
   */
  public int mostTenants() {
    return mostTenants;
  }

  /**
   * How many undelivered totals are kept; beyond that, counts wait in their counters.
   *
   * @return totals
   */
  public int mostOutstanding() {
    return mostOutstanding;
  }

  /**
   * Under whose name the calls of all further tenants are counted.
   *
   * @return a name
   */
  public String overflowTenant() {
    return overflowTenant;
  }

  /**
   * Whether the tenant goes along with tasks handed to other threads.
   *
   * @return whether it does
   */
  public boolean carriesContext() {
    return carriesContext;
  }
}

package io.tollgate.proxy;

import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration file again when it changes or on SIGHUP. A file in order takes effect; a
 * file with a mistake is refused, said so, and what was in force stays.
 */
final class Reload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);
  private static final long LOOK_MILLIS = 1000;

  private final Path file;
  private final Supplier<ProxySettings> read;
  private final Consumer<ProxySettings> apply;
  private final Thread watcher;
  private FileTime seen;

  /**
   * Begins to watch.
   *
   * @param file whose time of change is looked at every second
   * @param read reads and checks the settings
   * @param apply puts them in force
   */
  Reload(Path file, Supplier<ProxySettings> read, Consumer<ProxySettings> apply) {
    this.file = file;
    this.read = read;
    this.apply = apply;
    this.seen = changed();
    this.watcher = Thread.ofPlatform().name("reload").daemon().start(this::watch);
    Hangup.onHangup(() -> reload("SIGHUP"));
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        FileTime now = changed();
        if (!now.equals(seen)) {
          seen = now;
          reload("the file changed");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void reload(String why) {
    try {
      apply.accept(read.get());
      LOG.info("{}: routes, upstreams and identification of {} are in force", why, file);
    } catch (YamlException | IllegalArgumentException e) {
      LOG.error("{}, and is refused; what was in force stays: {}", why, e.getMessage());
    }
  }

  private FileTime changed() {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0); // being replaced: the next look sees it
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}

package io.tollgate.agent.premain;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * Loads the agent's own classes, and Byte Buddy, from entries named {@code .classdata}. No other
 * loader finds those, so the host's class path never meets them; and this loader's parent knows the
 * JDK only, so the agent never meets the host's. Parallel capable: a host thread that needs an
 * agent class never waits for one that loads another.
 */
final class AgentClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final JarFile jar;

  AgentClassLoader(File file) throws IOException {
    super(jdkLoader());
    this.jar = new JarFile(file, false);
  }

  /** The extension loader on Java 8, the platform loader after it, whatever the host set up. */
  private static @Nullable ClassLoader jdkLoader() {
    ClassLoader loader = ClassLoader.getSystemClassLoader();
    while (loader.getParent() != null) {
      loader = loader.getParent();
    }
    return loader;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes;
    try (InputStream entry = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (entry == null) {
        throw new ClassNotFoundException(name);
      }
      bytes = readFully(entry);
    } catch (IOException unreadable) {
      throw new ClassNotFoundException(name + " cannot be read from " + jar.getName(), unreadable);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  /**
   * The bytes of an agent class by the name it has for everyone else; Byte Buddy reads advice so.
   */
  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    ZipEntry entry = name.endsWith(".class") ? jar.getJarEntry(name + "data") : null;
    if (entry == null) {
      return super.getResourceAsStream(name);
    }
    try {
      return jar.getInputStream(entry);
    } catch (IOException unreadable) {
      return null;
    }
  }

  private static byte[] readFully(InputStream input) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    byte[] buffer = new byte[8192];
    for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
      bytes.write(buffer, 0, read);
    }
    return bytes.toByteArray();
  }
}

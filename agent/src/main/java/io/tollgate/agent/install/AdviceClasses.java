package io.tollgate.agent.install;

import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/** Where advice is read from: as bytes, never run as it stands. */
final class AdviceClasses {
  static final ClassFileLocator LOCATOR = ClassFileLocator.ForClassLoader.of(ownLoader());

  private AdviceClasses() {}

  static TypeDescription describe(String name) {
    return TypePool.Default.of(LOCATOR).describe(name).resolve();
  }

  private static @Nullable ClassLoader ownLoader() {
    return AdviceClasses.class.getClassLoader();
  }
}

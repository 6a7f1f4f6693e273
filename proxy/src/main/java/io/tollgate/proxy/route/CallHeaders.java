package io.tollgate.proxy.route;

import org.jspecify.annotations.Nullable;

/** A call's header fields, as routes look at them. */
@FunctionalInterface
public interface CallHeaders {
  /** The field's first value, or null; the name in any case. */
  @Nullable String get(String name);
}

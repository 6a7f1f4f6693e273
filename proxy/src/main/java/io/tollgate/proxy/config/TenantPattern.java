package io.tollgate.proxy.config;

import org.jspecify.annotations.Nullable;

/**
 * A text in which {@code {tenant}} stands once, for one to 128 characters; everything else is
 * literal. Immutable.
 */
public final class TenantPattern {
  /** What stands for the tenant. */
  public static final String TENANT = "{tenant}";

  /** The longest name of a tenant. */
  public static final int LONGEST = 128;

  private final String text;
  private final String prefix;
  private final String suffix;

  private TenantPattern(String text, int at) {
    this.text = text;
    this.prefix = text.substring(0, at);
    this.suffix = text.substring(at + TENANT.length());
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static TenantPattern of(String text) {
    int at = text.indexOf(TENANT);
    if (at < 0 || text.indexOf(TENANT, at + 1) >= 0) {
      throw new IllegalArgumentException(
          "'" + text + "': {tenant} is expected in it, once, as in '{tenant}.api.example.org'");
    }
    return new TenantPattern(text, at);
  }

  /**
   * The tenant in a name; null where the name does not match.
   *
   * @param name as it is
   * @param ignoreCase whether letters count the same in both cases, as in host names
   */
  public @Nullable String tenant(String name, boolean ignoreCase) {
    int length = name.length() - prefix.length() - suffix.length();
    boolean matches =
        length > 0
            && length <= LONGEST
            && name.regionMatches(ignoreCase, 0, prefix, 0, prefix.length())
            && name.regionMatches(
                ignoreCase, name.length() - suffix.length(), suffix, 0, suffix.length());
    return matches ? name.substring(prefix.length(), prefix.length() + length) : null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TenantPattern that && that.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}

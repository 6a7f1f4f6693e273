package io.tollgate.yaml;

/** A mistake in a YAML file, told as {@code file:line: key: what is wrong and what is allowed}. */
public final class YamlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;
  private final String path;
  private final String problem;

  YamlException(String file, int line, String path, String problem) {
    super(file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + problem);
    this.file = file;
    this.line = line;
    this.path = path;
    this.problem = problem;
  }

  /** The file's name as it was given to the reader. */
  public String file() {
    return file;
  }

  /** The line, from 1. */
  public int line() {
    return line;
  }

  /**
   * The key's path from the root, such as {@code plans.pro.limits[0].amount}; empty at the root.
   */
  public String path() {
    return path;
  }

  /** What is wrong and what is allowed, without the place. */
  public String problem() {
    return problem;
  }
}

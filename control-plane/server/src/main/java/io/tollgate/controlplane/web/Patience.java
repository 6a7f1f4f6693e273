package io.tollgate.controlplane.web;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a caller waits for work that may take long, before it is told where to ask for it.
 *
 * @param most zero or more, and less than the server keeps an idle connection
 */
public record Patience(Duration most) {
  private static final Pattern WAIT = Pattern.compile("wait=(\\d{1,6})");
  private static final Duration USUAL = Duration.ofSeconds(60);

  /** What the caller says by RFC 7240: {@code Prefer: wait=10}, {@code Prefer: respond-async}. */
  public static Patience of(Call call) {
    String wish = call.header("Prefer").orElse("").replace(" ", "");
    if (wish.contains("respond-async")) {
      return new Patience(Duration.ZERO);
    }
    Matcher wait = WAIT.matcher(wish);
    Duration asked = wait.find() ? Duration.ofSeconds(Long.parseLong(wait.group(1))) : USUAL;
    return new Patience(asked.compareTo(USUAL) < 0 ? asked : USUAL);
  }

  /**
   * Waits for the work; empty where it takes longer. What the work throws is thrown, if it is
   * unchecked.
   */
  public <T> Optional<T> wait(CompletableFuture<T> work) {
    try {
      return Optional.of(work.get(most.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }
}

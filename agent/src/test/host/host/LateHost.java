package host;

import java.io.IOException;

/** Waits for a line of input, then works; by then the agent may have been attached. */
public final class LateHost {
  public static void main(String[] arguments) throws IOException {
    new Work().plain();
    System.out.println("ready");
    while (System.in.read() != '\n') {
      continue;
    }
    new Work().plain();
    System.out.println("done");
  }
}

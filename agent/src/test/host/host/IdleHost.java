package host;

/** Says that it runs, and does nothing. */
public final class IdleHost {
  public static void main(String[] arguments) {
    System.out.println("runs");
  }
}

package host;

/** What the host sells. */
public class Work {
  public Work() {}

  public int plain() {
    return 1;
  }

  public int overloaded(int amount) {
    return overloaded(amount, "");
  }

  public int overloaded(int amount, String note) {
    return amount + note.length();
  }

  public int failing() {
    throw new IllegalStateException("as it must");
  }

  public int inPool() {
    return 1;
  }

  public int inFuture() {
    return 1;
  }

  public int inTimer() {
    return 1;
  }

  public int inVirtualThread() {
    return 1;
  }
}

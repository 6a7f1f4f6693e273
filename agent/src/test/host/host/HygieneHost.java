package host;

import java.lang.management.ManagementFactory;

/** Tells what of the agent a host can see, and how many threads there are. */
public final class HygieneHost {
  public static void main(String[] arguments) throws Exception {
    new Work().plain();
    System.out.println("hook loader: " + loader("io.tollgate.agent.hook.Hook"));
    System.out.println("agent: " + loader("io.tollgate.agent.Agent"));
    System.out.println("byte buddy: " + loader("net.bytebuddy.ByteBuddy"));
    System.out.println("relocated: " + loader("io.tollgate.agent.shaded.bytebuddy.ByteBuddy"));
    System.out.println("context loader: " + Thread.currentThread().getContextClassLoader());
    int threads = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("tollgate-agent")) {
        threads++;
      }
    }
    System.out.println("agent threads: " + threads);
    System.out.println("beans: " + ManagementFactory.getPlatformMBeanServer().getMBeanCount());
  }

  private static String loader(String type) {
    try {
      return String.valueOf(Class.forName(type).getClassLoader());
    } catch (ClassNotFoundException invisible) {
      return "not found";
    }
  }
}

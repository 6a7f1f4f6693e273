package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientConnectionStrategyConfig.ReconnectMode;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This proxy as a client of a dedicated cluster: Hazelcast's settings, each with its why. */
final class ClientSetup {
  private static final Logger LOG = LoggerFactory.getLogger(LimitCluster.class);
  private static final long CONNECT_SECONDS = 5;

  private ClientSetup() {}

  /**
   * Begins to connect, for ever trying; blocks until connected, at most 5 s. A node that starts
   * while its cluster is away goes on by its policy, as one does that loses it.
   */
  static HazelcastInstance connect(ClusterSettings settings) {
    ClientConfig config = of(settings);
    CountDownLatch connected = new CountDownLatch(1);
    config.addListenerConfig(
        new com.hazelcast.config.ListenerConfig(whenConnected(connected::countDown)));
    HazelcastInstance hazelcast = HazelcastClient.newHazelcastClient(config);
    if (!await(connected)) {
      LOG.error(
          "no member of the limit cluster at {} answered within {} s: going on without, and trying",
          settings.members(),
          CONNECT_SECONDS);
    }
    return hazelcast;
  }

  /** Runs it at each connection, which may be to another cluster than the last. */
  static LifecycleListener whenConnected(Runnable what) {
    return event -> {
      if (event.getState() == LifecycleState.CLIENT_CONNECTED) {
        what.run();
      }
    };
  }

  private static boolean await(CountDownLatch connected) {
    try {
      return connected.await(CONNECT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static ClientConfig of(ClusterSettings settings) {
    ClientConfig config = new ClientConfig();
    config.setClusterName(settings.cluster());
    config.setInstanceName(settings.cluster() + "-" + settings.node() + "-client");
    WireFormat.register(config.getSerializationConfig());
    // Routing to all members is the default, and what backup acknowledgements need.
    config.getNetworkConfig().setAddresses(settings.members());
    // A client that cannot start, or gives up, would need a hand to come back.
    config
        .getConnectionStrategyConfig()
        .setAsyncStart(true)
        .setReconnectMode(ReconnectMode.ASYNC)
        .getConnectionRetryConfig()
        .setInitialBackoffMillis(100)
        .setMaxBackoffMillis(1_000)
        .setClusterConnectTimeoutMillis(-1);
    String callMillis = Long.toString(settings.callTimeout().toMillis());
    long callSeconds = Math.max(1, settings.callTimeout().toSeconds());
    config.setProperty("hazelcast.logging.type", "slf4j");
    // By default a missed backup is answered as success after five seconds.
    config.setProperty("hazelcast.client.operation.fail.on.indeterminate.state", "true");
    config.setProperty("hazelcast.client.operation.backup.timeout.millis", callMillis);
    // By default two minutes: an admission cannot wait for it.
    config.setProperty("hazelcast.client.invocation.timeout.seconds", Long.toString(callSeconds));
    config.setProperty("hazelcast.client.heartbeat.interval", "1000");
    config.setProperty("hazelcast.client.heartbeat.timeout", "10000");
    config.setProperty("hazelcast.client.io.input.thread.count", "1");
    config.setProperty("hazelcast.client.io.output.thread.count", "1");
    config.setProperty("hazelcast.client.response.thread.count", "1");
    config.setProperty("hazelcast.client.event.thread.count", "1");
    return config;
  }
}

package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.config.ExecutorConfig;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.MetadataPolicy;
import com.hazelcast.config.NetworkConfig;

/** Hazelcast's settings, each with why it is not the default. */
final class MemberConfig {
  private MemberConfig() {}

  static Config of(ClusterSettings settings) {
    Config config = new Config();
    config.setClusterName(settings.cluster());
    config.setInstanceName(settings.cluster() + "-" + settings.node() + "-" + settings.port());
    properties(config, settings);
    network(config.getNetworkConfig(), settings);
    WireFormat.register(config.getSerializationConfig());
    config.addMapConfig(cells());
    config.addExecutorConfig(new ExecutorConfig(LimitCluster.RECALLS, 4));
    config.getMetricsConfig().setEnabled(false);
    config.getJetConfig().setEnabled(false);
    return config;
  }

  private static void properties(Config config, ClusterSettings settings) {
    String callMillis = Long.toString(settings.callTimeout().toMillis());
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.logging.details.enabled", "false");
    // Nobody but the operator hears from this process.
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.health.monitoring.level", "OFF");
    // The proxy decides when it leaves: after its leases went back.
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    // By default a missed backup is answered as success after five seconds.
    config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
    config.setProperty("hazelcast.operation.backup.timeout.millis", callMillis);
    // By default a minute: an admission cannot wait for it.
    config.setProperty("hazelcast.operation.call.timeout.millis", callMillis);
    config.setProperty("hazelcast.socket.bind.any", "false");
    config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
    tunable(config, "hazelcast.max.no.heartbeat.seconds", "10");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.setProperty("hazelcast.max.wait.seconds.before.join", "2");
    tunable(config, "hazelcast.merge.first.run.delay.seconds", "10");
    tunable(config, "hazelcast.merge.next.run.delay.seconds", "10");
    config.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
    // A lease every 200 ms or so per busy tenant is little work; a sidecar is to stay small.
    config.setProperty("hazelcast.io.thread.count", "1");
    config.setProperty("hazelcast.operation.generic.thread.count", "2");
    config.setProperty("hazelcast.event.thread.count", "1");
    config.setProperty("hazelcast.operation.response.thread.count", "1");
  }

  /** What an operator has said by {@code -D} goes before. */
  private static void tunable(Config config, String property, String value) {
    config.setProperty(property, System.getProperty(property, value));
  }

  private static void network(NetworkConfig network, ClusterSettings settings) {
    network.setPort(settings.port()).setPortAutoIncrement(false);
    if (!settings.host().equals("0.0.0.0")) {
      network.getInterfaces().setEnabled(true).addInterface(settings.host());
      network.setPublicAddress(settings.host() + ":" + settings.port());
    }
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
    settings.members().forEach(join.getTcpIpConfig()::addMember);
  }

  private static MapConfig cells() {
    return new MapConfig(LimitCluster.CELLS)
        .setInMemoryFormat(InMemoryFormat.OBJECT)
        .setMetadataPolicy(MetadataPolicy.OFF)
        .setBackupCount(1)
        .setStatisticsEnabled(false)
        .setMergePolicyConfig(new MergePolicyConfig(CellMerge.class.getName(), 100));
  }
}

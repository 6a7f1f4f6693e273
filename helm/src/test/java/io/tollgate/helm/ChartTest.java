package io.tollgate.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chart renders, by Helm itself, each document read strictly. */
class ChartTest {
  private static final String WITH_AGENT =
      """
      agent:
        enabled: true
        features:
          pdf-receipts: io.acme.Receipts#issue
      """;

  @Test
  void lint_strictly_findsNothing() {
    LintResult result = new Helm(Chart.DIRECTORY).lint().strict().call();
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        WITH_AGENT,
        "proxy: {nativeSidecar: false, persistence: {enabled: false}}",
        "controlPlane: {enabled: false}\nproxy: {controlPlane: {url: http://billing.example:8080}}",
        "workload: {enabled: false}",
        "networkPolicy: {enabled: false}\nserviceAccount: {create: false}",
        "controlPlane: {replicas: 1, database: {migrator: {user: owner}}}\nworkload: {replicas: 1}",
        """
        imagePullSecrets: [{name: registry}]
        controlPlane:
          extraEnv: [{name: A, value: b}]
          nodeSelector: {disk: ssd}
          tolerations: [{key: a, operator: Exists}]
        workload:
          env: [{name: A, value: b}]
          podAnnotations: {a: b}
        proxy: {persistence: {storageClass: fast, size: 5Gi}}
        serviceAccount: {annotations: {a: b}}
        networkPolicy:
          trafficFrom: [{namespaceSelector: {matchLabels: {a: b}}}]
          controlPlaneFrom: [{podSelector: {matchLabels: {a: b}}}]
          metricsFrom: [{ipBlock: {cidr: 10.0.0.0/8}}]
        """
      })
  void template_withValues_isReadByTheModelsStrictly(String values) {
    assertThat(Chart.render(values).documents())
        .isNotEmpty()
        .allSatisfy(
            document ->
                assertThat(document.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/name", "tollgate")
                    .containsEntry("app.kubernetes.io/instance", "shop"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxi: {port: 1}",
        "proxy: {port: http}",
        "controlPlane: {replicas: -1}",
        "controlPlane: {tokens: [{role: king, secret: {name: a, key: b}}]}",
        "workload: {image: {tagg: x}}"
      })
  void template_withValuesThatAreNone_isRefused(String values) {
    assertThatThrownBy(() -> Chart.render(values))
        .hasMessageContaining("values don't meet the specifications of the schema");
  }

  @Test
  void workload_byDefault_keepsTheJournalOnAVolumeOfItsPod() {
    Chart chart = Chart.render("");
    StatefulSet workload = chart.one(StatefulSet.class, "shop-workload");
    assertThat(workload.getSpec().getVolumeClaimTemplates())
        .singleElement()
        .satisfies(claim -> assertThat(claim.getMetadata().getName()).isEqualTo("tollgate-data"));
    Service members = chart.one(Service.class, workload.getSpec().getServiceName());
    assertThat(members.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(members.getSpec().getPublishNotReadyAddresses()).isTrue();
  }

  @Test
  void proxy_asANativeSidecar_startsBeforeTheWorkloadAndIsProbedOnItsAdminPort() {
    PodSpec pod = workload(Chart.render(""));
    Container proxy = container(pod.getInitContainers(), "tollgate-proxy");
    assertThat(proxy.getRestartPolicy()).isEqualTo("Always");
    assertThat(
            List.of(proxy.getStartupProbe(), proxy.getLivenessProbe(), proxy.getReadinessProbe()))
        .allSatisfy(
            probe -> assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("admin"));
    assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("workload");
  }

  @Test
  void proxy_asAnOrdinaryContainer_standsBesideTheWorkload() {
    PodSpec pod = workload(Chart.render("proxy: {nativeSidecar: false}"));
    assertThat(pod.getInitContainers()).isEmpty();
    Container proxy = container(pod.getContainers(), "tollgate-proxy");
    assertThat(proxy.getRestartPolicy()).isNull();
  }

  @Test
  void agent_whenEnabled_isInTheWorkloadsJvm() {
    PodSpec pod = workload(Chart.render(WITH_AGENT));
    assertThat(pod.getInitContainers())
        .extracting(Container::getName)
        .containsExactly("tollgate-agent", "tollgate-proxy");
    Container workload = container(pod.getContainers(), "workload");
    assertThat(environment(workload).get("JAVA_TOOL_OPTIONS").getValue())
        .endsWith(" -javaagent:/opt/agent/tollgate-agent.jar=/etc/tollgate/agent.properties");
    assertThat(workload.getVolumeMounts())
        .extracting(mount -> mount.getMountPath())
        .contains("/opt/agent", "/etc/tollgate", "/var/lib/tollgate-agent");
  }

  @Test
  void secrets_areReferredToAndNeverRendered() {
    Chart chart = Chart.render("controlPlane: {database: {migrator: {user: owner}}}");
    PodSpec controlPlane =
        chart.one(Deployment.class, "shop-control-plane").getSpec().getTemplate().getSpec();
    Map<String, EnvVar> environment =
        environment(container(controlPlane.getContainers(), "control-plane"));
    Set<String> secrets =
        Set.of(
            "TOLLGATE_DATABASE_PASSWORD",
            "TOLLGATE_MIGRATOR_PASSWORD",
            "TOLLGATE_TOKEN_0",
            "TOLLGATE_TOKEN_1");
    assertThat(environment.keySet()).containsAll(secrets);
    for (String secret : secrets) {
      EnvVar variable = environment.get(secret);
      assertThat(variable.getValue()).isNull();
      assertThat(variable.getValueFrom().getSecretKeyRef().getName()).startsWith("tollgate-");
    }
  }

  @Test
  void networkPolicy_ofTheWorkload_opensTheLimitsPortToProxiesAlone() {
    Chart chart = Chart.render("");
    List<NetworkPolicyIngressRule> rules =
        chart.one(NetworkPolicy.class, "shop-workload").getSpec().getIngress();
    NetworkPolicyIngressRule limits =
        rules.stream().filter(rule -> opens(rule, "limits")).findFirst().orElseThrow();
    assertThat(limits.getFrom())
        .singleElement()
        .satisfies(
            peer -> {
              assertThat(peer.getNamespaceSelector()).isNull();
              assertThat(peer.getIpBlock()).isNull();
              assertThat(peer.getPodSelector().getMatchLabels())
                  .containsEntry("app.kubernetes.io/component", "workload");
              assertThat(workloadTemplate(chart).getMetadata().getLabels())
                  .containsAllEntriesOf(peer.getPodSelector().getMatchLabels());
            });
    assertThat(rules.stream().filter(rule -> opens(rule, "traffic"))).hasSize(1);
    assertThat(rules).as("neither admin nor the workload's own port").hasSize(2);
  }

  @Test
  void service_ofTheWorkload_leadsToTheProxy() {
    Chart chart = Chart.render("");
    assertThat(chart.one(Service.class, "shop-workload").getSpec().getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getTargetPort().getStrVal()).isEqualTo("traffic"));
    assertThat(container(workload(chart).getInitContainers(), "tollgate-proxy").getPorts())
        .anySatisfy(
            port -> {
              assertThat(port.getName()).isEqualTo("traffic");
              assertThat(port.getContainerPort()).isEqualTo(8000);
            });
  }

  @Test
  void pods_haveNoRightsTheyDoNotNeed() {
    Chart chart = Chart.render(WITH_AGENT);
    PodSpec controlPlane =
        chart.one(Deployment.class, "shop-control-plane").getSpec().getTemplate().getSpec();
    for (PodSpec pod : List.of(controlPlane, workload(chart))) {
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getServiceAccountName()).isEqualTo("shop");
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(
              Stream.of(pod.getInitContainers(), pod.getContainers()).flatMap(Collection::stream))
          .allSatisfy(
              container -> {
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
                assertThat(container.getResources().getLimits()).containsKey("memory");
              });
    }
    assertThat(chart.one(ServiceAccount.class, "shop").getAutomountServiceAccountToken()).isFalse();
  }

  @Test
  void readme_namesEveryValue() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    Set<String> values =
        leaves("", Chart.yaml(Files.readString(Chart.DIRECTORY.resolve("values.yaml"))));
    assertThat(values).allMatch(value -> readme.contains("`" + value + "`"));
  }

  /** The keys a person sets; what Kubernetes or a secret is told in several parts is one. */
  @SuppressWarnings("unchecked")
  private static Set<String> leaves(String path, Map<String, Object> values) {
    Set<String> keys = new TreeSet<>();
    values.forEach(
        (key, value) -> {
          boolean whole =
              Set.of("resources", "passwordSecret", "tokenSecret", "features").contains(key);
          if (value instanceof Map<?, ?> inner && !inner.isEmpty() && !whole) {
            keys.addAll(leaves(path + key + ".", (Map<String, Object>) inner));
          } else {
            keys.add(path + key);
          }
        });
    return keys;
  }

  private static boolean opens(NetworkPolicyIngressRule rule, String port) {
    return rule.getPorts().stream().anyMatch(opened -> port.equals(opened.getPort().getStrVal()));
  }

  private static PodTemplateSpec workloadTemplate(Chart chart) {
    return chart.one(StatefulSet.class, "shop-workload").getSpec().getTemplate();
  }

  private static PodSpec workload(Chart chart) {
    return workloadTemplate(chart).getSpec();
  }

  private static Container container(List<Container> containers, String name) {
    return containers.stream()
        .filter(container -> container.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, EnvVar> environment(Container container) {
    return container.getEnv().stream()
        .collect(Collectors.toMap(EnvVar::getName, variable -> variable));
  }
}

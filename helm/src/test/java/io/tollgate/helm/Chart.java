package io.tollgate.helm;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the chart renders with some values, each document read strictly into its Kubernetes model.
 */
final class Chart {
  static final Path DIRECTORY = Path.of("tollgate").toAbsolutePath();

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          ConfigMap.class,
          Deployment.class,
          NetworkPolicy.class,
          PodDisruptionBudget.class,
          Service.class,
          ServiceAccount.class,
          StatefulSet.class);

  private static final YAMLMapper STRICT = strict();

  private final List<HasMetadata> documents;

  private Chart(List<HasMetadata> documents) {
    this.documents = documents;
  }

  /** The models keep fields they do not know; this reader refuses them instead. */
  private static YAMLMapper strict() {
    return YAMLMapper.builder()
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .annotationIntrospector(
            new JacksonAnnotationIntrospector() {
              @Override
              public Boolean hasAnySetter(Annotated annotated) {
                return false;
              }
            })
        .build();
  }

  /** Renders the chart as release {@code shop} in namespace {@code billing}. */
  static Chart render(String values) {
    try {
      Path file = Files.createTempFile("values", ".yaml");
      Files.writeString(file, values);
      String rendered =
          new Helm(DIRECTORY)
              .template()
              .withName("shop")
              .withNamespace("billing")
              .withKubeVersion("1.31.0")
              .withValuesFile(file)
              .call();
      Files.delete(file);
      return new Chart(read(rendered));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<HasMetadata> read(String rendered) throws IOException {
    List<HasMetadata> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> nodes = STRICT.readerFor(JsonNode.class).readValues(rendered)) {
      while (nodes.hasNext()) {
        JsonNode node = nodes.next();
        if (!node.isEmpty()) {
          documents.add(STRICT.treeToValue(node, kind(node)));
        }
      }
    }
    return documents;
  }

  private static Class<? extends HasMetadata> kind(JsonNode node) {
    String kind = node.path("kind").asText();
    return KINDS.stream()
        .filter(type -> HasMetadata.getKind(type).equals(kind))
        .filter(type -> HasMetadata.getApiVersion(type).equals(node.path("apiVersion").asText()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no model for " + node));
  }

  List<HasMetadata> documents() {
    return documents;
  }

  <T extends HasMetadata> T one(Class<T> kind, String name) {
    return documents.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(document -> document.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind.getSimpleName() + " " + name));
  }

  String file(String configMap, String key) {
    return one(ConfigMap.class, configMap).getData().get(key);
  }

  static Map<String, Object> yaml(String text) throws IOException {
    return STRICT.readValue(text, new TypeReference<Map<String, Object>>() {});
  }
}

package io.tollgate.proxy.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.TenantPattern;
import io.tollgate.proxy.route.PathPattern;
import io.tollgate.proxy.route.Routes;
import io.tollgate.yaml.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/** The settings in force as JSON. A secret shows that it is one, and nothing else. */
public final class SettingsView {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .registerModule(
              new SimpleModule()
                  .addSerializer(Secret.class, text(secret -> "(secret)"))
                  .addSerializer(Duration.class, text(SettingsView::duration))
                  .addSerializer(Path.class, text(Path::toString))
                  .addSerializer(URI.class, text(SettingsView::withoutUser))
                  .addSerializer(Endpoint.class, text(Endpoint::toString))
                  .addSerializer(PathPattern.class, text(PathPattern::toString))
                  .addSerializer(TenantPattern.class, text(TenantPattern::toString))
                  .addSerializer(Enum.class, text(SettingsView::word))
                  .addSerializer(Routes.class, new RoutesSerializer()));

  private SettingsView() {}

  /** The settings, each under its name. */
  public static ObjectNode of(ProxySettings settings) {
    return JSON.valueToTree(settings);
  }

  private static String duration(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }

  private static String withoutUser(URI url) {
    return url.getRawUserInfo() == null
        ? url.toString()
        : url.toString().replace(url.getRawUserInfo() + "@", "");
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <T> JsonSerializer<T> text(Function<T, String> how) {
    return new JsonSerializer<>() {
      @Override
      public void serialize(T value, JsonGenerator json, SerializerProvider provider)
          throws IOException {
        json.writeString(how.apply(value));
      }
    };
  }

  private static final class RoutesSerializer extends JsonSerializer<Routes> {
    @Override
    public void serialize(Routes routes, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(routes.all(), json);
    }
  }
}

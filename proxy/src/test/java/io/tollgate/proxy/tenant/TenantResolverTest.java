package io.tollgate.proxy.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.Identification;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TenantResolverTest {
  private static final Identity ACME = new Identity.Known("acme", "key_1");

  /** Knows one key; asked elsewhere it finds another. */
  private static final class Directory implements KeyDirectory {
    @Override
    public @Nullable Identity find(ApiKey key) {
      return key.equals(ApiKey.ofSha256(Sha256.hex("tg_acme"))) ? ACME : null;
    }

    @Override
    public Future<Identity> load(ApiKey key) {
      return Future.succeededFuture(new Identity.Unknown(key.sha256()));
    }
  }

  /** What the forward room says of a call, in short. */
  private static final class View implements CallView {
    @Override
    public String host(HttpServerRequest request) {
      return String.valueOf(request.getHeader("Host"));
    }

    @Override
    public String path(HttpServerRequest request) {
      return String.valueOf(request.path());
    }

    @Override
    public boolean isTrusted(HttpServerRequest request) {
      return "yes".equals(request.getHeader("Peer-Is-Trusted"));
    }
  }

  @Property
  void hash_anyVisibleText_isItsSha256(
      @ForAll @StringLength(min = 1, max = 512) @CharRange(from = '!', to = '~') String text) {
    ApiKey key = Objects.requireNonNull(KeyHasher.hash("  " + text + ",", 2, 2 + text.length()));
    assertThat(key.sha256()).isEqualTo(Sha256.hex(text));
    assertThat(key).isEqualTo(ApiKey.ofSha256(Sha256.hex(text)));
  }

  @Property
  void hash_anyText_neverThrows(@ForAll @StringLength(max = 600) String text) {
    ApiKey key = KeyHasher.hash(text, 0, text.length());
    boolean visible = text.chars().allMatch(letter -> letter > ' ' && letter < 0x7f);
    assertThat(key != null).isEqualTo(visible && !text.isEmpty() && text.length() <= 512);
  }

  @Test
  void resolve_everyPlace_findsTheKey() throws Exception {
    Identification settings =
        new Identification(
            List.of(
                new IdentitySource.Keys(
                    List.of("X-Api-Key", "X-Other"), true, List.of("api_key"), true)),
            "",
            10);
    String basic =
        Base64.getEncoder().encodeToString("tg_acme:anything".getBytes(StandardCharsets.UTF_8));
    assertThat(ask(settings, "/", Map.of("x-api-key", "tg_acme"))).isEqualTo(ACME);
    assertThat(ask(settings, "/", Map.of("X-Other", "tg_acme"))).isEqualTo(ACME);
    assertThat(ask(settings, "/", Map.of("Authorization", "Bearer tg_acme"))).isEqualTo(ACME);
    assertThat(ask(settings, "/", Map.of("Authorization", "apikey   tg_acme"))).isEqualTo(ACME);
    assertThat(ask(settings, "/", Map.of("Authorization", "Basic " + basic))).isEqualTo(ACME);
    assertThat(ask(settings, "/?a=b&api_key=tg_acme", Map.of())).isEqualTo(ACME);
  }

  @Test
  void resolve_firstCredentialPresent_decides() throws Exception {
    Identity answer =
        ask(
            Identification.DEFAULT,
            "/",
            Map.of("X-Api-Key", "tg_other", "Authorization", "Bearer tg_acme"));
    assertThat(answer).isEqualTo(new Identity.Unknown(Sha256.hex("tg_other")));
  }

  @Test
  void resolve_noneOrMalformed_isUnknownOrAnonymous() throws Exception {
    Identification open = new Identification(List.of(Identification.API_KEY), "pub", 10);
    assertThat(ask(Identification.DEFAULT, "/", Map.of())).isInstanceOf(Identity.Unknown.class);
    assertThat(ask(open, "/", Map.of())).isEqualTo(new Identity.Known("pub", "anonymous"));
    for (String value : List.of("Basic %%%", "Bearer  ", "Bearer a b", "Basic " + "Og==")) {
      assertThat(ask(open, "/", Map.of("Authorization", value)))
          .as(value)
          .isInstanceOf(Identity.Unknown.class);
    }
  }

  private static Identity ask(Identification settings, String uri, Map<String, String> headers)
      throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      TenantResolver resolver =
          TenantResolver.open(
              vertx,
              settings,
              new View(),
              new Directory(),
              KeyShelf.inMemory(InstantSource.system()),
              InstantSource.system());
      Identity[] answer = new Identity[1];
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(
                  request ->
                      resolver
                          .resolve(request)
                          .onSuccess(
                              identity -> {
                                answer[0] = identity;
                                request.response().end();
                              }));
      await(server.listen(0, "127.0.0.1"));
      HttpClient client = vertx.createHttpClient();
      await(
          client
              .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", uri)
              .compose(
                  request -> {
                    headers.forEach(request::putHeader);
                    return request.send();
                  })
              .compose(response -> response.end()));
      return answer[0];
    } finally {
      await(vertx.close());
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}

package io.tollgate.proxy.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import io.tollgate.proxy.config.IdentitySource;
import io.tollgate.proxy.config.IdentitySource.Carrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens against a provider on a real port. The clock is the test's. */
class TokensTest {
  private static final Instant START = Instant.parse("2026-05-01T12:00:00Z");
  private static final Carrier BEARER = new Carrier("Authorization", "");
  private static final String ISSUER = "https://id.example.org/";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final InstantSource clock = now::get;
  @TempDir private Path directory;
  private IdentityProvider provider;
  private KeyShelf shelf;
  private Tokens tokens;

  @BeforeEach
  void start() throws Exception {
    provider = new IdentityProvider();
    shelf = KeyShelf.in(directory, clock);
    tokens = new Tokens(vertx, List.of(), 1, shelf, clock);
  }

  @AfterEach
  void stop() throws Exception {
    tokens.close();
    provider.close();
    await(vertx.close());
  }

  @Test
  void verify_everyKindOfKey_findsTenantAndKeyId() throws Exception {
    RSAKey rsa = provider.rsa("rsa");
    ECKey p256 = provider.ec("p256", Curve.P_256);
    ECKey p384 = provider.ec("p384", Curve.P_384);
    ECKey p521 = provider.ec("p521", Curve.P_521);
    provider.ed25519("ed");
    open(1000);
    JWTClaimsSet claims = claims().build();
    List<String> good =
        List.of(
            IdentityProvider.sign(rsa, JWSAlgorithm.RS256, claims),
            IdentityProvider.sign(rsa, JWSAlgorithm.RS512, claims),
            IdentityProvider.sign(rsa, JWSAlgorithm.PS256, claims),
            IdentityProvider.sign(rsa, JWSAlgorithm.PS384, claims),
            IdentityProvider.sign(p256, JWSAlgorithm.ES256, claims),
            IdentityProvider.sign(p384, JWSAlgorithm.ES384, claims),
            IdentityProvider.sign(p521, JWSAlgorithm.ES512, claims),
            provider.signEdwards(Map.of("alg", "EdDSA", "kid", "ed"), claims),
            provider.signEdwards(Map.of("alg", "Ed25519", "kid", "ed"), claims),
            provider.signEdwards(Map.of("alg", "EdDSA"), claims));
    for (String token : good) {
      assertThat(verify(token)).isEqualTo(new Identity.Known("acme", "jwt:user-7"));
      assertThat(tokens.find(token(token))).isEqualTo(new Identity.Known("acme", "jwt:user-7"));
    }
  }

  @Test
  void verify_forgeries_areRefused() throws Exception {
    RSAKey key = provider.rsa("rsa");
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
    provider.publish(weak);
    provider.ed25519("ed");
    open(1000);
    RSAKey stranger = new RSAKeyGenerator(2048).keyID("rsa").generate();
    String good = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    String other =
        IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().claim("tenant", "globex").build());
    String[] parts = good.split("\\.", -1);
    for (String forged :
        List.of(
            IdentityProvider.unsigned(claims().build()),
            IdentityProvider.signWithPublicKey(key, claims().build()),
            IdentityProvider.sign(stranger, JWSAlgorithm.RS256, claims().build()),
            IdentityProvider.sign(weak, JWSAlgorithm.RS256, claims().build()),
            provider.signEdwards(Map.of("alg", "RS256", "kid", "rsa"), claims().build()),
            provider.signEdwards(Map.of("alg", "EdDSA", "kid", "rsa"), claims().build()),
            parts[0] + "." + other.split("\\.", -1)[1] + "." + parts[2],
            parts[0] + "." + parts[1] + ".",
            good.substring(0, good.length() - 8),
            "eyJ.eyJ.x",
            "eyJhbGciOjF9.e30.e30")) {
      assertThat(verify(forged)).as(forged).isInstanceOf(Identity.Unknown.class);
    }
    assertThat(verify(good)).isInstanceOf(Identity.Known.class);
  }

  @Test
  void verify_claimsThatDoNotHold_areRefusedByName() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    Map<JWTClaimsSet, String> cases =
        Map.of(
            claims().issuer("https://elsewhere.example.org/").build(), "issuer",
            claims().audience("another").build(), "audience",
            claims().expirationTime(null).build(), "no time of expiry",
            claims().expirationTime(at(-31)).build(), "expired",
            claims().notBeforeTime(at(31)).build(), "not valid yet",
            claims().claim("tenant", null).build(), "names no tenant",
            claims().claim("tenant", "two words").build(), "names no tenant",
            claims().claim("tenant", List.of("acme")).build(), "names no tenant");
    for (Map.Entry<JWTClaimsSet, String> each : cases.entrySet()) {
      Identity refused = verify(IdentityProvider.sign(key, JWSAlgorithm.RS256, each.getKey()));
      assertThat(refused).isInstanceOf(Identity.Unknown.class);
      assertThat(((Identity.Unknown) refused).why()).contains(each.getValue());
    }
    for (JWTClaimsSet within :
        List.of(
            claims().expirationTime(at(-29)).build(),
            claims().notBeforeTime(at(29)).build(),
            claims().audience(List.of("x", "api")).build())) {
      assertThat(verify(IdentityProvider.sign(key, JWSAlgorithm.RS256, within)))
          .isInstanceOf(Identity.Known.class);
    }
  }

  @Test
  void find_expiredMeanwhile_isNoLongerKnown() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    String text = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    now.set(START.plusSeconds(629));
    assertThat(tokens.find(token(text))).isInstanceOf(Identity.Known.class);
    now.set(START.plusSeconds(630));
    assertThat(tokens.find(token(text))).isNull();
    assertThat(verify(text)).isEqualTo(new Identity.Unknown("the token has expired"));
  }

  @Test
  void verify_rotatedKey_isFetchedOnce_andTheOldOneEnds() throws Exception {
    RSAKey first = provider.rsa("first");
    open(1000);
    String old = IdentityProvider.sign(first, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(old)).isInstanceOf(Identity.Known.class);
    RSAKey second = new RSAKeyGenerator(2048).keyID("second").generate();
    provider.publishOnly(second);
    String rotated = IdentityProvider.sign(second, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(rotated)).isInstanceOf(Identity.Unknown.class); // just asked: not yet again
    now.set(START.plusSeconds(11));
    assertThat(verify(rotated)).isInstanceOf(Identity.Known.class);
    assertThat(provider.fetches()).isEqualTo(2);
    assertThat(tokens.find(token(old))).isNull();
    assertThat(verify(old)).isInstanceOf(Identity.Unknown.class);
  }

  @Test
  void verify_providerAway_isUnavailableUntilItComes_andStaysGoodWhenItLeaves() throws Exception {
    RSAKey key = provider.rsa("rsa");
    String published = "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}";
    provider.answer(500, "down");
    open(1000);
    String text = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(text)).isInstanceOf(Identity.Unavailable.class);
    provider.answer(200, published);
    now.set(START.plusSeconds(2));
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    provider.answer(200, "not JSON");
    now.set(START.plusSeconds(60));
    String another = IdentityProvider.sign(key, JWSAlgorithm.RS384, claims().build());
    String foreign =
        IdentityProvider.sign(
            new RSAKeyGenerator(2048).keyID("new").generate(),
            JWSAlgorithm.RS256,
            claims().build());
    assertThat(verify(foreign)).isInstanceOf(Identity.Unknown.class); // asks, in vain
    assertThat(verify(another)).isInstanceOf(Identity.Known.class);
    assertThat(tokens.keyFailures()).isEqualTo(2);
  }

  @Test
  void verify_floodOfMadeUpTokens_isBoundedInFetchesWorkAndMemory() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(50);
    String good = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(good)).isInstanceOf(Identity.Known.class);
    List<Token> made = new ArrayList<>(); // all before the first, else they are verified meanwhile
    String[] parts = good.split("\\.", -1);
    for (int i = 0; i < 3_000; i++) {
      String kid = i % 2 == 0 ? "rsa" : "made-up-" + i;
      String head =
          com.nimbusds.jose.util.Base64URL.encode("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}")
              .toString();
      String body =
          com.nimbusds.jose.util.Base64URL.encode(claims().claim("n", i).build().toString())
              .toString();
      made.add(token(head + "." + body + "." + parts[2]));
    }
    List<Future<Identity>> flood = made.stream().map(tokens::verify).toList();
    long busy =
        flood.stream()
            .map(TokensTest::await)
            .peek(identity -> assertThat(identity).isNotInstanceOf(Identity.Known.class))
            .filter(Identity.Unavailable.class::isInstance)
            .count();
    assertThat(provider.fetches()).isEqualTo(1);
    assertThat(tokens.turnedAway()).isEqualTo(busy).isPositive();
    assertThat(tokens.size()).isLessThanOrEqualTo(60);
    assertThat(verify(good)).isInstanceOf(Identity.Known.class);
  }

  @Test
  void verify_sameTokenByMany_isVerifiedOnce() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    String text = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    List<Future<Identity>> crowd = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      crowd.add(tokens.verify(token(text)));
    }
    crowd.forEach(each -> assertThat(await(each)).isInstanceOf(Identity.Known.class));
    assertThat(tokens.verified()).isEqualTo(1);
  }

  @Test
  void verify_tokenInAnotherPlace_isNotForItsIssuer() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    String text = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    Token elsewhere = token(text, new Carrier("X-Session", ""));
    assertThat(tokens.find(elsewhere)).isNull();
    assertThat(await(tokens.verify(elsewhere))).isInstanceOf(Identity.Unknown.class);
    assertThat(tokens.find(token(text))).isInstanceOf(Identity.Known.class);
  }

  @Test
  void claim_pathOfNames_isFollowed() throws Exception {
    RSAKey key = provider.rsa("rsa");
    tokens =
        new Tokens(
            vertx,
            List.of(source("https://example.org/org", "a.b"), source("x", "y")),
            10,
            shelf,
            clock);
    JWTClaimsSet claims =
        claims()
            .claim("https://example.org/org", "initech")
            .claim("a", Map.of("b", "key-9"))
            .build();
    assertThat(verify(IdentityProvider.sign(key, JWSAlgorithm.RS256, claims)))
        .isEqualTo(new Identity.Known("initech", "jwt:key-9"));
  }

  @Test
  void verify_keyClaimThatNoFieldCouldSay_tellsUsersApartAllTheSame() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    List<String> ids = new ArrayList<>();
    for (String subject : List.of("a user", "an user", "us\u00e9r", "x".repeat(129))) {
      JWTClaimsSet claims = claims().claim("sub", subject).build();
      Identity identity = verify(IdentityProvider.sign(key, JWSAlgorithm.RS256, claims));
      ids.add(((Identity.Known) identity).keyId());
    }
    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("jwt:sha256:[0-9a-f]{64}"));
  }

  @Test
  void issuerAway_keysLastFetchedServe_overAReloadAndAStart_butNotForEver() throws Exception {
    RSAKey key = provider.rsa("rsa");
    open(1000);
    String text = IdentityProvider.sign(key, JWSAlgorithm.RS256, claims().build());
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    awaitKept();
    provider.answer(503, "");
    tokens.close();
    open(1000); // a reload: the same shelf
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    tokens.close();
    shelf = KeyShelf.in(directory, clock); // a start
    open(1000);
    assertThat(verify(text)).isInstanceOf(Identity.Known.class);
    tokens.close();
    assertThat(kept()).hasSize(1);
    Path kept = kept().get(0);
    String whole = Files.readString(kept);
    Files.writeString(kept, whole + " ");
    shelf = KeyShelf.in(directory, clock);
    open(1000);
    assertThat(verify(text)).as("damaged").isInstanceOf(Identity.Unavailable.class);
    tokens.close();
    Files.writeString(kept, whole);
    now.set(START.plus(Duration.ofDays(1)).plusSeconds(1));
    shelf = KeyShelf.in(directory, clock);
    open(1000);
    assertThat(verify(text)).as("too old").isInstanceOf(Identity.Unavailable.class);
  }

  private void awaitKept() throws Exception {
    for (int i = 0; i < 1000 && kept().isEmpty(); i++) {
      Thread.sleep(20);
    }
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".jwks")).toList();
    }
  }

  private void open(int most) {
    tokens = new Tokens(vertx, List.of(source("tenant", "sub")), most, shelf, clock);
  }

  private IdentitySource.Jwt source(String tenantClaim, String keyClaim) {
    return new IdentitySource.Jwt(
        ISSUER,
        List.of("api"),
        URI.create(provider.url()),
        Duration.ofMinutes(5),
        Duration.ofDays(1),
        Set.copyOf(IdentitySource.Jwt.ALGORITHMS),
        Duration.ofSeconds(30),
        tenantClaim,
        keyClaim,
        BEARER,
        false);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("api")
        .subject("user-7")
        .expirationTime(at(600))
        .claim("tenant", "acme");
  }

  private static Date at(long seconds) {
    return Date.from(START.plusSeconds(seconds));
  }

  private Identity verify(String text) {
    return await(tokens.verify(token(text)));
  }

  private static Token token(String text) {
    return token(text, BEARER);
  }

  private static Token token(String text, Carrier carrier) {
    return new Token(Objects.requireNonNull(KeyHasher.hashToken(text)), text, carrier);
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}

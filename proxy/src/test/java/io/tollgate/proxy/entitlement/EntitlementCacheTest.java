package io.tollgate.proxy.entitlement;

import static io.tollgate.proxy.entitlement.WireServer.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.config.Staleness;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import io.tollgate.proxy.tenant.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntitlementCacheTest {
  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final List<ControlPlane> clients = new ArrayList<>();
  private WireServer server;

  @BeforeEach
  void listen() throws Exception {
    server = new WireServer(vertx);
  }

  @AfterEach
  void closeAll() {
    await(vertx.close());
  }

  @Test
  void load_knownKey_isAskedOnceAndThenLocal() {
    server.tenants.put("acme", state("acme", 1, "k1"));
    EntitlementCache cache = open(settings());
    until(() -> cache.status().connected());
    assertThat(cache.find(key("k1"))).isNull();
    List<Future<Identity>> crowd = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      crowd.add(cache.load(key("k1")));
    }
    for (Future<Identity> each : crowd) {
      assertThat(await(each)).isEqualTo(new Identity.Known("acme", "id-k1"));
    }
    assertThat(server.lookups).hasValue(1);
    assertThat(cache.find(key("k1"))).isEqualTo(new Identity.Known("acme", "id-k1"));
    assertThat(cache.get("acme")).isEqualTo(state("acme", 1, "k1"));
  }

  @Test
  void load_unknownKey_isRememberedUntilTheKeyIsMade() {
    EntitlementCache cache = open(settings());
    until(() -> cache.status().connected());
    assertThat(await(cache.load(key("k1")))).isInstanceOf(Identity.Unknown.class);
    assertThat(cache.find(key("k1"))).isInstanceOf(Identity.Unknown.class);
    server.change(state("acme", 1, "k1"));
    until(() -> cache.find(key("k1")) == null);
    assertThat(await(cache.load(key("k1")))).isInstanceOf(Identity.Known.class);
  }

  @Test
  void load_floodOfUnknownKeys_isBoundedInQuestionsAndMemory() {
    CacheSettings settings =
        new CacheSettings(file(), Staleness.DEFAULT, 100, 50, Duration.ofMinutes(1), 40, 64);
    // The clock stands: what is asked is the burst and not one more.
    EntitlementCache cache = open(settings, InstantSource.fixed(Instant.EPOCH));
    List<Future<Identity>> flood = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      flood.add(cache.load(key("made-up-" + i)));
    }
    long refused =
        flood.stream().map(this::await).filter(Identity.Unavailable.class::isInstance).count();
    assertThat(server.lookups.get()).isEqualTo(40);
    assertThat(refused).isEqualTo(4_960);
    assertThat(cache.status().unknownKeys()).isLessThanOrEqualTo(50);
    assertThat(cache.status().lookupsRefused()).isEqualTo(refused);
  }

  @Test
  void load_manyKnownKeys_countATenthOfUnknownOnes() {
    CacheSettings settings =
        new CacheSettings(file(), Staleness.DEFAULT, 100, 50, Duration.ofMinutes(1), 4, 64);
    EntitlementCache cache = open(settings, InstantSource.fixed(Instant.EPOCH));
    until(() -> cache.status().connected());
    int known = 0;
    Identity last = null;
    // One after the other, since an answer gives its nine tenths back when it is there.
    while (known < 100 && !(last instanceof Identity.Unavailable)) {
      server.tenants.put("t" + known, state("t" + known, 1, "k" + known));
      last = await(cache.load(key("k" + known)));
      known++;
    }
    // Each takes a tenth of a question, as long as there is a whole one: from 4.0 down to 1.0.
    assertThat(last).isInstanceOf(Identity.Unavailable.class);
    assertThat(server.lookups.get()).isEqualTo(31);
  }

  @Test
  void change_heldTenant_isInForceAndTold() {
    server.tenants.put("acme", state("acme", 1, "k1"));
    EntitlementCache cache = open(settings());
    List<Long> told = new CopyOnWriteArrayList<>();
    cache.onChange(changed -> told.add(changed.version()));
    until(() -> cache.status().connected());
    await(cache.load("acme"));
    server.change(state("acme", 3, "k2"));
    server.change(state("acme", 2, "k1"));
    server.change(state("acme", 4, "k2"));
    // The listeners are told after a state is in force: what they hear is what to wait for.
    until(() -> told.contains(4L));
    assertThat(told).containsExactly(1L, 3L, 4L);
    assertThat(version(cache, "acme")).isEqualTo(4);
    assertThat(cache.find(key("k1"))).isNull();
    assertThat(cache.find(key("k2"))).isEqualTo(new Identity.Known("acme", "id-k2"));
  }

  @Test
  void stream_thatBeginsLate_findsWhatChangedSinceItWasAskedFor() {
    server.mute = true;
    server.tenants.put("acme", state("acme", 1, "k1"));
    EntitlementCache cache = open(settings());
    assertThat(await(cache.load("acme"))).isEqualTo(state("acme", 1, "k1"));
    assertThat(await(cache.load(key("k2")))).isInstanceOf(Identity.Unknown.class);
    server.change(state("acme", 2, "k2"));
    server.mute = false;
    until(() -> version(cache, "acme") == 2);
    assertThat(cache.find(key("k2"))).isEqualTo(new Identity.Known("acme", "id-k2"));
  }

  @Test
  void stream_brokenOff_resumesAfterTheLastChange() throws Exception {
    server.tenants.put("acme", state("acme", 1));
    EntitlementCache cache = open(settings());
    until(() -> cache.status().connected());
    await(cache.load("acme"));
    server.change(state("acme", 2));
    until(() -> version(cache, "acme") == 2);
    server.stop();
    until(() -> !cache.status().connected());
    server.change(state("acme", 3));
    server.start();
    until(() -> version(cache, "acme") == 3);
    assertThat(server.changePaths).contains("/api/proxy/changes", "/api/proxy/changes?after=1");
  }

  @Test
  void stream_reset_fetchesEverythingAnewAndDropsWhatIsGone() throws Exception {
    server.tenants.put("acme", state("acme", 1));
    server.tenants.put("gone", state("gone", 1, "k9"));
    EntitlementCache cache = open(settings());
    until(() -> cache.status().connected());
    await(cache.load("acme"));
    await(cache.load("gone"));
    server.stop();
    server.tenants.put("acme", state("acme", 7));
    server.tenants.remove("gone");
    server.resets = true;
    server.start();
    until(() -> version(cache, "acme") == 7 && cache.get("gone") == null);
    assertThat(cache.find(key("k9"))).isNull();
  }

  @Test
  void stream_controlPlaneStandsEarlier_forgetsWhatTheOtherOneSaid() throws Exception {
    server.change(state("other", 1));
    server.change(state("acme", 9, "k1"));
    EntitlementCache first = open(settings());
    until(() -> first.status().connected());
    await(first.load("acme"));
    await(first.close());
    server.stop();
    server.log.clear();
    server.tenants.put("acme", state("acme", 1, "k2"));
    EntitlementCache second = open(settings());
    assertThat(second.find(key("k1"))).isNotNull();
    server.start();
    until(() -> second.status().connected());
    assertThat(second.find(key("k1"))).isNull();
    assertThat(await(second.load("acme"))).isEqualTo(state("acme", 1, "k2"));
    server.change(state("acme", 2, "k2"));
    until(() -> version(second, "acme") == 2);
  }

  @Test
  void open_withoutControlPlane_knowsWhatTheCopyHolds() throws Exception {
    for (int i = 0; i < 20; i++) {
      server.tenants.put("t" + i, state("t" + i, i + 1, "k" + i));
    }
    EntitlementCache first = open(settings());
    until(() -> first.status().connected());
    for (int i = 0; i < 20; i++) {
      await(first.load("t" + i));
    }
    server.change(state("t3", 100, "k3"));
    until(() -> version(first, "t3") == 100);
    await(first.close());
    server.stop();

    EntitlementCache second = open(settings());
    assertThat(second.status().tenants()).isEqualTo(20);
    assertThat(version(second, "t3")).isEqualTo(100);
    assertThat(second.find(key("k7"))).isEqualTo(new Identity.Known("t7", "id-k7"));
    assertThat(second.status().sequence()).isEqualTo(1);
    assertThat(await(second.load(key("other")))).isInstanceOf(Identity.Unavailable.class);
  }

  @Test
  void open_damagedCopy_keepsTheSoundPart() throws Exception {
    DiskCopy copy = new DiskCopy(file());
    copy.rewrite(5, Instant.EPOCH, List.of(state("a", 1), state("b", 1)));
    copy.append(List.of(new DiskCopy.Frame(6, Instant.EPOCH, state("a", 2))));
    copy.close();
    byte[] bytes = Files.readAllBytes(file());
    for (int cut = 0; cut < bytes.length; cut += 7) {
      Files.write(file(), java.util.Arrays.copyOf(bytes, cut));
      new DiskCopy(file()).read();
    }
    bytes[bytes.length - 3] ^= 1;
    Files.write(file(), bytes);
    DiskCopy.Content content = new DiskCopy(file()).read();
    assertThat(content.sequence()).isEqualTo(5);
    assertThat(content.tenants()).containsExactly(state("a", 1), state("b", 1));
  }

  @Test
  void trust_pastTheStaleness_followsThePolicy() throws Exception {
    server.stop();
    Instant[] now = {Instant.parse("2026-03-01T00:00:00Z")};
    for (Staleness.Policy policy : Staleness.Policy.values()) {
      CacheSettings settings =
          CacheSettings.of(file(), new Staleness(Duration.ofMinutes(5), policy), 10);
      now[0] = Instant.parse("2026-03-01T00:00:00Z");
      EntitlementCache cache = open(settings, () -> now[0]);
      assertThat(cache.trust()).isEqualTo(Trust.HOLDS);
      now[0] = now[0].plusSeconds(301);
      assertThat(cache.staleness()).isEqualTo(Duration.ofSeconds(301));
      assertThat(cache.trust())
          .isEqualTo(
              switch (policy) {
                case LAST_KNOWN -> Trust.HOLDS;
                case OPEN -> Trust.OPEN;
                case CLOSED -> Trust.CLOSED;
              });
    }
  }

  private static long version(EntitlementCache cache, String tenant) {
    Entitlements held = cache.get(tenant);
    return held == null ? -1 : held.version();
  }

  private EntitlementCache open(CacheSettings settings) {
    return open(settings, InstantSource.system());
  }

  private EntitlementCache open(CacheSettings settings, InstantSource clock) {
    ControlPlane client = new ControlPlane(vertx, server.settings());
    clients.add(client);
    return EntitlementCache.open(vertx, client, settings, clock);
  }

  private CacheSettings settings() {
    return CacheSettings.of(file(), Staleness.DEFAULT, 1_000);
  }

  private Path file() {
    return directory.resolve("entitlements");
  }

  private static ApiKey key(String text) {
    return ApiKey.ofSha256(Sha256.hex(text));
  }

  private <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}

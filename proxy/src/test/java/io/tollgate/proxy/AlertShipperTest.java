package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.QuotaAlert;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.limit.LimitAlert;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No alert is lost over another one, whatever the control plane says to them. */
@Timeout(60)
class AlertShipperTest {
  private final Vertx vertx = Vertx.vertx();
  private final Queue<LimitAlert> arrived = new ConcurrentLinkedQueue<>();
  private FakeControlPlane controlPlane;
  private ControlPlane way;
  private AlertShipper shipper;

  @BeforeEach
  void open() throws Exception {
    controlPlane = new FakeControlPlane();
    String settings =
        """
        node: n
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s}
        upstreams: {api: {addresses: ["127.0.0.1:1"]}}
        """
            .formatted(controlPlane.port());
    way =
        new ControlPlane(
            vertx,
            ProxyFile.parse("test", settings, Map.of("TOKEN", FakeControlPlane.TOKEN))
                .controlPlane());
    shipper = new AlertShipper(vertx, way, "edge");
  }

  @AfterEach
  void close() {
    controlPlane.close();
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static LimitAlert alert(String tenant, int percent, long amount) {
    return new LimitAlert(tenant, "q", "", percent, percent, amount, LimitAlert.NO_WINDOW);
  }

  private void accept(int many) {
    for (int percent = 1; percent <= many; percent++) {
      shipper.accept(alert("good", percent, 100));
    }
  }

  @Test
  void alertThatTheControlPlaneDoesNotUnderstand_isSetAside_andTheRestArrives() throws Exception {
    controlPlane.alertsIndigestible("bad");
    accept(20);
    shipper.accept(alert("bad", 80, 100));
    accept(20);
    shipper.accept(alert("bad", 90, 100));
    accept(3);
    shipper.begin(arrived::add);
    await(() -> arrived.size() == 43);
    await(() -> shipper.aside() == 2);
    flush();
    assertThat(controlPlane.alerts("good")).hasSize(43);
    assertThat(controlPlane.alerts("bad")).isEmpty();
    assertThat(shipper.unshipped()).isEqualTo(2);
    assertThat(shipper.left()).isZero();
    // Nothing of it stays behind for what comes later.
    shipper.accept(alert("later", 80, 100));
    await(() -> controlPlane.alerts("later").size() == 1);
  }

  @Test
  void alertThatCannotBeWritten_isSetAside_andTheRestArrives() throws Exception {
    shipper.accept(alert("good", 80, 100));
    shipper.accept(alert("odd", 80, -1));
    shipper.accept(alert("good", 90, 100));
    shipper.begin(arrived::add);
    await(() -> arrived.size() == 2);
    await(() -> shipper.aside() == 1);
    flush();
    assertThat(controlPlane.alerts("good")).extracting(QuotaAlert::percent).contains(80, 90);
  }

  @Test
  void listenerThatFails_holdsNothingUp() throws Exception {
    shipper.begin(
        alert -> {
          throw new IllegalStateException("the limit room is closed");
        });
    shipper.accept(alert("one", 80, 100));
    await(() -> controlPlane.alerts("one").size() == 1);
    shipper.accept(alert("two", 80, 100));
    await(() -> controlPlane.alerts("two").size() == 1);
    flush();
    assertThat(shipper.unshipped()).isZero();
  }

  @Test
  void controlPlaneThatIsAway_hasThemAllWhenItIsBack() throws Exception {
    controlPlane.alertsAway(true);
    accept(30);
    shipper.begin(arrived::add);
    assertThat(shipper.unshipped()).isLessThanOrEqualTo(30);
    controlPlane.alertsAway(false);
    flush();
    assertThat(List.copyOf(arrived)).hasSize(30);
    assertThat(shipper.unshipped()).isZero();
  }

  /** What there is no room for is announced again by who has it, and arrives as well. */
  @Test
  void moreThanCanWait_areLeftToTheirCells_andToldAgainWhenThereIsRoom() throws Exception {
    Queue<LimitAlert> kept = new ConcurrentLinkedQueue<>();
    shipper = new AlertShipper(vertx, way, "edge", 10);
    shipper.whenFull(
        kept::add,
        room -> {
          for (LimitAlert alert = kept.poll(); alert != null; alert = kept.poll()) {
            shipper.accept(alert);
          }
        });
    accept(40);
    await(() -> shipper.left() == 30);
    assertThat(kept).hasSize(30);
    shipper.begin(arrived::add);
    await(() -> arrived.size() == 40);
    assertThat(controlPlane.alerts("good")).hasSize(40);
    assertThat(kept).isEmpty();
  }

  private void flush() throws Exception {
    shipper.flush().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean() && end - System.nanoTime() > 0) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}

package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ids of orders for blocks: two orders under one id would be one block handed out twice. */
class BlockOrderTest {
  private static final LimitDefinition QUOTA =
      CompiledLimit.of(Sample.tenant("t").quota("q", 1_000).entitlements(), true)
          .get(0)
          .definition();

  private static final LeaseRequest REQUEST =
      new LeaseRequest(
          "t",
          "n",
          1,
          7,
          1,
          10_000,
          false,
          List.of(
              new LeaseRequest.Item(
                  QUOTA,
                  "",
                  CounterState.NO_WINDOW,
                  0,
                  0,
                  0,
                  1,
                  1,
                  1,
                  1,
                  LeaseRequest.Delivery.NONE,
                  List.of())));

  private static String order(DirectStore owner) {
    return new TenantCell().apply(REQUEST, owner).grants().get(0).blockOrder();
  }

  @Test
  void requestRepeatedToACellThatKnowsNothing_ordersUnderAnotherId() {
    DirectStore owner = new DirectStore(SimCluster.EPOCH);
    String lost = order(owner);
    owner.advance(1);
    assertThat(lost).isNotEmpty();
    assertThat(order(owner)).isNotEmpty().isNotEqualTo(lost);
  }

  @Test
  void requestRepeatedToTheSameCell_ordersOnce() {
    DirectStore owner = new DirectStore(SimCluster.EPOCH);
    TenantCell cell = new TenantCell();
    LeaseReply first = cell.apply(REQUEST, owner);
    owner.advance(1);
    assertThat(cell.apply(REQUEST, owner)).isEqualTo(first);
  }
}

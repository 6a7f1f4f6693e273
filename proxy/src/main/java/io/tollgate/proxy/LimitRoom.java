package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.limit.Kind;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Ticket;
import io.tollgate.proxy.limit.Verdict;
import io.vertx.core.Future;
import java.util.function.Function;

/** The limit room and its cluster, as the composition root opens and closes them. */
final class LimitRoom implements AutoCloseable {
  private final Limits limits;

  private LimitRoom(Limits limits) {
    this.limits = limits;
  }

  static LimitRoom open(
      ProxySettings settings, Function<QuotaBlockRequest, Future<QuotaBlock>> root) {
    return new LimitRoom((call, then) -> then.decided(Unlimited.VERDICT));
  }

  Limits limits() {
    return limits;
  }

  void changed(Entitlements newer) {}

  @Override
  public void close() {}

  private enum Unlimited implements Verdict, Ticket {
    VERDICT;

    @Override
    public boolean admitted() {
      return true;
    }

    @Override
    public int size() {
      return 0;
    }

    @Override
    public int deciding() {
      return -1;
    }

    @Override
    public String name(int i) {
      return "";
    }

    @Override
    public Kind kind(int i) {
      return Kind.RATE;
    }

    @Override
    public long limit(int i) {
      return 0;
    }

    @Override
    public long remaining(int i) {
      return 0;
    }

    @Override
    public long resetSeconds(int i) {
      return -1;
    }

    @Override
    public long windowSeconds(int i) {
      return 0;
    }

    @Override
    public Outcome outcome(int i) {
      return Outcome.ADMITTED;
    }

    @Override
    public String origin(int i) {
      return "";
    }

    @Override
    public boolean billed(int i) {
      return false;
    }

    @Override
    public String policyField() {
      return "";
    }

    @Override
    public Ticket ticket() {
      return this;
    }

    @Override
    public boolean settle(String meter, long units) {
      return true;
    }

    @Override
    public void keep() {}

    @Override
    public void refund() {}
  }
}

package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.config.SerializationConfig;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.tollgate.contract.Recurrence;
import io.tollgate.proxy.limit.cell.CellAlerts;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import io.tollgate.proxy.limit.cell.TenantCell;
import io.tollgate.proxy.limit.cell.TenantState;
import io.tollgate.proxy.limit.cell.TenantState.SessionState;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The protocol's records as bytes between members. */
final class WireFormat {
  private WireFormat() {}

  static void register(SerializationConfig config) {
    add(
        config,
        LeaseProcessor.class,
        7001,
        (out, p) -> request(out, p.request()),
        in -> new LeaseProcessor(request(in)));
    add(config, LeaseBackup.class, 7002, LeaseBackup::write, LeaseBackup::read);
    add(config, LeaseReply.class, 7003, WireFormat::reply, WireFormat::reply);
    add(
        config,
        TenantCell.class,
        7004,
        (out, cell) -> state(out, cell.state()),
        in -> new TenantCell(state(in)));
    add(config, RecallTask.class, 7005, RecallTask::write, RecallTask::read);
    add(config, HoldersTask.class, 7006, HoldersTask::write, HoldersTask::read);
    add(config, RecallNotice.class, 7007, RecallNotice::write, RecallNotice::read);
    add(config, ClaimProcessor.class, 7008, (out, claim) -> {}, in -> new ClaimProcessor());
  }

  private static <T> void add(
      SerializationConfig config,
      Class<T> type,
      int id,
      Wire.Writer<T> writer,
      Wire.Reader<T> reader) {
    config.addSerializerConfig(
        new SerializerConfig()
            .setTypeClass(type)
            .setImplementation(new Wire<>(id, writer, reader)));
  }

  static void state(ObjectDataOutput out, TenantState state) throws IOException {
    out.writeLong(state.now());
    list(out, state.sessions(), WireFormat::session);
    list(out, state.counters(), WireFormat::counter);
  }

  static TenantState state(ObjectDataInput in) throws IOException {
    return new TenantState(
        in.readLong(), list(in, WireFormat::session), list(in, WireFormat::counter));
  }

  private static void session(ObjectDataOutput out, SessionState session) throws IOException {
    out.writeString(session.node());
    out.writeLong(session.incarnation());
    out.writeLong(session.seenAt());
    reply(out, session.reply());
  }

  private static SessionState session(ObjectDataInput in) throws IOException {
    return new SessionState(string(in), in.readLong(), in.readLong(), reply(in));
  }

  private static void counter(ObjectDataOutput out, CounterState state) throws IOException {
    definition(out, state.definition());
    out.writeLong(state.version());
    out.writeString(state.counter());
    out.writeLong(state.windowStart());
    out.writeLong(state.windowEnd());
    out.writeLong(state.level());
    out.writeLong(state.refilledAt());
    out.writeLong(state.base());
    out.writeLong(state.firstPassedAt());
    list(out, state.alerts().due(), ObjectDataOutput::writeInt);
    list(out, state.alerts().known(), ObjectDataOutput::writeInt);
    out.writeLong(state.blocks());
    out.writeLong(state.blocksElsewhere());
    out.writeString(state.poolOwner());
    out.writeString(state.order());
    out.writeLong(state.orderUnits());
    out.writeLong(state.orderDueAt());
    list(out, state.holdings(), WireFormat::holding);
  }

  private static CounterState counter(ObjectDataInput in) throws IOException {
    return new CounterState(
        definition(in),
        in.readLong(),
        string(in),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        new CellAlerts(list(in, ObjectDataInput::readInt), list(in, ObjectDataInput::readInt)),
        in.readLong(),
        in.readLong(),
        string(in),
        string(in),
        in.readLong(),
        in.readLong(),
        list(in, WireFormat::holding));
  }

  private static void holding(ObjectDataOutput out, Holding holding) throws IOException {
    out.writeString(holding.node());
    out.writeLong(holding.incarnation());
    out.writeLong(holding.granted());
    out.writeLong(holding.returned());
    out.writeLong(holding.forfeited());
    out.writeLong(holding.outstanding());
    out.writeLong(holding.expiresAt());
  }

  private static Holding holding(ObjectDataInput in) throws IOException {
    return new Holding(
        string(in),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }

  private static void definition(ObjectDataOutput out, LimitDefinition limit) throws IOException {
    out.writeString(limit.limit());
    out.writeString(limit.kind().name());
    out.writeLong(limit.amount());
    out.writeLong(limit.burst());
    out.writeLong(limit.perMillis());
    window(out, limit.window());
    out.writeLong(limit.frozenAtMillis());
    out.writeBoolean(limit.beyond());
    out.writeInt(limit.bufferPercent());
    out.writeInt(limit.graceDays());
    list(out, limit.alertPercents(), ObjectDataOutput::writeInt);
    out.writeLong(limit.ttlMillis());
    out.writeBoolean(limit.rooted());
    out.writeBoolean(limit.paidAhead());
  }

  private static LimitDefinition definition(ObjectDataInput in) throws IOException {
    return new LimitDefinition(
        string(in),
        Kind.valueOf(string(in)),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        window(in),
        in.readLong(),
        in.readBoolean(),
        in.readInt(),
        in.readInt(),
        list(in, ObjectDataInput::readInt),
        in.readLong(),
        in.readBoolean(),
        in.readBoolean());
  }

  private static void window(ObjectDataOutput out, @Nullable Recurrence window) throws IOException {
    out.writeBoolean(window != null);
    if (window != null) {
      Instant anchor = window.anchor();
      out.writeLong(anchor.getEpochSecond());
      out.writeInt(anchor.getNano());
      out.writeString(window.unit().name());
      out.writeInt(window.count());
      out.writeString(window.zone().getId());
    }
  }

  private static @Nullable Recurrence window(ObjectDataInput in) throws IOException {
    if (!in.readBoolean()) {
      return null;
    }
    return new Recurrence(
        Instant.ofEpochSecond(in.readLong(), in.readInt()),
        Recurrence.Unit.valueOf(string(in)),
        in.readInt(),
        ZoneId.of(string(in)));
  }

  private static void request(ObjectDataOutput out, LeaseRequest request) throws IOException {
    out.writeString(request.tenant());
    out.writeString(request.node());
    out.writeLong(request.incarnation());
    out.writeLong(request.sequence());
    out.writeLong(request.version());
    out.writeLong(request.leaseTtlMillis());
    out.writeBoolean(request.leaves());
    list(out, request.items(), WireFormat::item);
  }

  private static LeaseRequest request(ObjectDataInput in) throws IOException {
    return new LeaseRequest(
        string(in),
        string(in),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        list(in, WireFormat::item));
  }

  private static void item(ObjectDataOutput out, LeaseRequest.Item item) throws IOException {
    definition(out, item.definition());
    out.writeString(item.counter());
    out.writeLong(item.windowStart());
    out.writeLong(item.held());
    out.writeLong(item.returned());
    out.writeLong(item.debt());
    out.writeLong(item.need());
    out.writeLong(item.least());
    out.writeLong(item.want());
    out.writeLong(item.ample());
    delivery(out, item.block());
    list(out, item.known(), ObjectDataOutput::writeInt);
  }

  private static void delivery(ObjectDataOutput out, LeaseRequest.Delivery block)
      throws IOException {
    out.writeString(block.order());
    out.writeLong(block.units());
    out.writeLong(block.outstanding());
    out.writeLong(block.firstPassedAt());
  }

  private static LeaseRequest.Delivery delivery(ObjectDataInput in) throws IOException {
    return new LeaseRequest.Delivery(string(in), in.readLong(), in.readLong(), in.readLong());
  }

  private static LeaseRequest.Item item(ObjectDataInput in) throws IOException {
    return new LeaseRequest.Item(
        definition(in),
        string(in),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        delivery(in),
        list(in, ObjectDataInput::readInt));
  }

  private static void reply(ObjectDataOutput out, LeaseReply reply) throws IOException {
    out.writeLong(reply.sequence());
    list(out, reply.grants(), WireFormat::grant);
  }

  private static LeaseReply reply(ObjectDataInput in) throws IOException {
    return new LeaseReply(in.readLong(), list(in, WireFormat::grant));
  }

  private static void grant(ObjectDataOutput out, LeaseReply.Grant grant) throws IOException {
    out.writeLong(grant.granted());
    out.writeBoolean(grant.refused());
    out.writeBoolean(grant.over());
    out.writeLong(grant.remaining());
    out.writeLong(grant.elsewhere());
    out.writeLong(grant.windowStart());
    out.writeLong(grant.ttlMillis());
    out.writeLong(grant.resetMillis());
    out.writeLong(grant.retryMillis());
    out.writeString(grant.blockOrder());
    out.writeLong(grant.blockUnits());
    out.writeBoolean(grant.blockAwaited());
    list(out, grant.alerts(), ObjectDataOutput::writeInt);
    out.writeLong(grant.used());
    out.writeLong(grant.amount());
    out.writeLong(grant.leftover().windowStart());
    out.writeLong(grant.leftover().units());
    out.writeLong(grant.warnedHour());
  }

  private static LeaseReply.Grant grant(ObjectDataInput in) throws IOException {
    return new LeaseReply.Grant(
        in.readLong(),
        in.readBoolean(),
        in.readBoolean(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        string(in),
        in.readLong(),
        in.readBoolean(),
        list(in, ObjectDataInput::readInt),
        in.readLong(),
        in.readLong(),
        new LeaseReply.Leftover(in.readLong(), in.readLong()),
        in.readLong());
  }

  static void names(ObjectDataOutput out, Set<CounterName> names) throws IOException {
    list(
        out,
        names,
        (to, name) -> {
          to.writeString(name.limit());
          to.writeString(name.counter());
        });
  }

  static Set<CounterName> names(ObjectDataInput in) throws IOException {
    return Set.copyOf(list(in, from -> new CounterName(string(from), string(from))));
  }

  static <T> void list(ObjectDataOutput out, Collection<T> values, Wire.Writer<T> writer)
      throws IOException {
    out.writeInt(values.size());
    for (T value : values) {
      writer.write(out, value);
    }
  }

  static <T> List<T> list(ObjectDataInput in, Wire.Reader<T> reader) throws IOException {
    int size = in.readInt();
    List<T> values = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      values.add(reader.read(in));
    }
    return values;
  }

  static String string(ObjectDataInput in) throws IOException {
    return Objects.requireNonNull(in.readString());
  }
}

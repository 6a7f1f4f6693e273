package io.tollgate.controlplane;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.tollgate.controlplane.database.Database;
import java.util.List;

/** What waits and what was set aside, asked of the database at each scrape. */
final class Backlog extends Collector implements Collector.Describable {
  private final Database database;

  Backlog(Database database) {
    this.database = database;
  }

  private record Count(String name, long waiting, long setAside) {}

  @Override
  public List<MetricFamilySamples> collect() {
    List<Count> agenda =
        database.inTransaction(
            tx ->
                tx.list(
                    "SELECT kind AS name, count(*) FILTER (WHERE set_aside_at IS NULL"
                        + " AND clock IS NULL AND due_at <= now()) AS waiting,"
                        + " count(*) FILTER (WHERE set_aside_at IS NOT NULL) AS aside"
                        + " FROM agenda GROUP BY kind",
                    row -> new Count(row.text("name"), row.whole("waiting"), row.whole("aside"))));
    List<Count> outbox =
        database.inTransaction(
            tx ->
                tx.list(
                    "SELECT consumer AS name, count(*) FILTER (WHERE set_aside_at IS NULL)"
                        + " AS waiting, count(*) FILTER (WHERE set_aside_at IS NOT NULL) AS aside"
                        + " FROM outbox GROUP BY consumer",
                    row -> new Count(row.text("name"), row.whole("waiting"), row.whole("aside"))));
    List<MetricFamilySamples> families = describe();
    fill(families, 0, agenda);
    fill(families, 2, outbox);
    return families;
  }

  private static void fill(List<MetricFamilySamples> families, int at, List<Count> counts) {
    GaugeMetricFamily waiting = (GaugeMetricFamily) families.get(at);
    GaugeMetricFamily aside = (GaugeMetricFamily) families.get(at + 1);
    for (Count count : counts) {
      waiting.addMetric(List.of(count.name()), (double) count.waiting());
      aside.addMetric(List.of(count.name()), (double) count.setAside());
    }
  }

  @Override
  public List<MetricFamilySamples> describe() {
    return List.of(
        gauge("tollgate_agenda_due", "Work due by the wall clock and not done yet.", "kind"),
        gauge("tollgate_agenda_set_aside", "Work that failed too often.", "kind"),
        gauge("tollgate_outbox_waiting", "Events not handled yet.", "consumer"),
        gauge("tollgate_outbox_set_aside", "Events that failed too often.", "consumer"));
  }

  private static GaugeMetricFamily gauge(String name, String help, String label) {
    return new GaugeMetricFamily(name, help, List.of(label));
  }
}

package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HousekeepingTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

  @Test
  void answersOfKeyedPosts_areForgottenAfterAWeek() {
    AtomicReference<Instant> now = new AtomicReference<>(NOW);
    Rooms rooms = Rooms.furnish(OpenApiTest.settings(), DB.db(), now::get, new CollectorRegistry());
    DB.db()
        .inTransaction(
            tx ->
                tx.execute(
                    "INSERT INTO idempotency (principal, key, fingerprint, created_at)"
                        + " SELECT 'p', 'old-' || n, '', $1::timestamptz FROM generate_series(1, 12000) n"
                        + " UNION ALL SELECT 'p', 'young', '', $2::timestamptz",
                    NOW.minus(Duration.ofDays(7)).minusSeconds(1),
                    NOW.minus(Duration.ofDays(7)).plusSeconds(1)));
    rooms.agenda().runDue();
    assertThat(keys()).containsExactly("young");
    now.set(NOW.plus(Duration.ofHours(6)));
    rooms.agenda().runDue();
    assertThat(keys()).as("and again six hours later").isEmpty();
  }

  private static List<String> keys() {
    return DB.db()
        .inTransaction(
            tx -> tx.list("SELECT key FROM idempotency ORDER BY key", row -> row.text("key")));
  }
}

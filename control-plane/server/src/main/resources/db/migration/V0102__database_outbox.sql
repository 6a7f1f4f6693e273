-- Events that wait for their consumer: one row per consumer, deleted in the transaction that handles it.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  tenant text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  payload jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz,
  error text,
  set_aside_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (consumer, id) WHERE set_aside_at IS NULL;
SELECT tollgate_guard('outbox');

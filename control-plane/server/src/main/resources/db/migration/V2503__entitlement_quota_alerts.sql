-- Thresholds that tenants' use passed, once for each window and amount, whoever noticed. A lifetime
-- quota's only window starts at the epoch.
CREATE TABLE quota_alerts (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  quota text NOT NULL,
  counter text NOT NULL,
  window_start timestamptz NOT NULL,
  kind text NOT NULL,
  percent integer NOT NULL,
  amount bigint NOT NULL,
  used bigint NOT NULL,
  source text NOT NULL,
  at timestamptz NOT NULL,
  UNIQUE (tenant, quota, counter, window_start, kind, percent, amount)
);
CREATE INDEX quota_alerts_listed ON quota_alerts (tenant, id);
SELECT tollgate_guard('quota_alerts');

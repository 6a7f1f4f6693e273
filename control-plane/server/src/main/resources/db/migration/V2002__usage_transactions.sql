-- The units of single events of meters that keep them, beside their sum in usage_hours: "start" is
-- the same row's, so that a period has the transactions whose start lies in it.
CREATE TABLE usage_transactions (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant text NOT NULL,
  meter text NOT NULL,
  start timestamptz NOT NULL,
  units bigint NOT NULL,
  PRIMARY KEY (tenant, meter, start, id)
);
SELECT tollgate_guard('usage_transactions');

-- Units of an ended subscription's last period that were told after that was billed, and wait for a closing invoice. They are
-- in usage_hours already, in the period's last row; "ended" is the period's end.
CREATE TABLE usage_late (
  tenant text NOT NULL,
  ended timestamptz NOT NULL,
  meter text NOT NULL,
  units bigint NOT NULL,
  transactions bigint NOT NULL,
  PRIMARY KEY (tenant, ended, meter)
);
SELECT tollgate_guard('usage_late');

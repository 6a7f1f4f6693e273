-- What closing invoices took of usage_late, by the closing's name: where its invoice is voided, it waits again.
CREATE TABLE usage_late_billed (
  tenant text NOT NULL,
  closing text NOT NULL,
  ended timestamptz NOT NULL,
  meter text NOT NULL,
  units bigint NOT NULL,
  transactions bigint NOT NULL,
  PRIMARY KEY (closing, meter)
);
SELECT tollgate_guard('usage_late_billed');

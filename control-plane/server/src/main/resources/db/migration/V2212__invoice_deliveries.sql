-- That an invoice was brought to its tenant, or could not be: never changed.
CREATE TABLE invoice_deliveries (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  invoice text NOT NULL REFERENCES invoices,
  channel text NOT NULL,
  recipient text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('SENT', 'DELIVERED', 'FAILED')),
  detail text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX invoice_deliveries_of_invoice ON invoice_deliveries (invoice, id);
SELECT tollgate_guard('invoice_deliveries');

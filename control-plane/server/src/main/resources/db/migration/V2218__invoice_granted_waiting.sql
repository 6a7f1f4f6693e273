-- What a discount granted, in the terms of the catalog's prices: of an amount that is granted once a period, what is
-- left is then known to the cent, also where prices contain the tax.
ALTER TABLE invoice_lines ADD COLUMN granted numeric CHECK (granted > 0);

-- An invoice of nothing may be closed without a number, and may be left out of lists.
ALTER TABLE invoices ADD COLUMN shown boolean NOT NULL DEFAULT true;
ALTER TABLE invoices DROP CONSTRAINT invoices_status_check;
ALTER TABLE invoices ADD CONSTRAINT invoices_status_check
  CHECK (status IN ('DRAFT', 'OPEN', 'PAID', 'VOID', 'CLOSED'));
ALTER TABLE invoices DROP CONSTRAINT invoices_check1;
ALTER TABLE invoices ADD CONSTRAINT invoices_numbered
  CHECK ((status IN ('DRAFT', 'CLOSED')) = (ordinal IS NULL));
ALTER TABLE invoices ADD CONSTRAINT invoices_closed CHECK (status <> 'CLOSED' OR total = 0);

-- Documents made for good whose lines wait for an invoice they go on: the subscription's next one, or their day's.
ALTER TABLE invoices ADD COLUMN waits_for text CHECK (waits_for IN ('NEXT', 'DAY'));
CREATE INDEX invoices_waiting ON invoices (tenant) WHERE waits_for IS NOT NULL;

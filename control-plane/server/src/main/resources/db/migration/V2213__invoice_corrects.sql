-- Finds the credit notes of an invoice: with every credit, and with every change that credits.
CREATE INDEX invoices_corrects ON invoices (corrects) WHERE corrects IS NOT NULL;

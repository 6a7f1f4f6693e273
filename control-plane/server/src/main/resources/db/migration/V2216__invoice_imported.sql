-- Invoices another system made keep their numbers, each once for each kind.
CREATE UNIQUE INDEX invoices_imported ON invoices (series, number)
  WHERE series IN ('imported/INV', 'imported/CN');

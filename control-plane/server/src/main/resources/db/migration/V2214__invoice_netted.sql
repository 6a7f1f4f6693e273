-- The credit of an ended item that a line's amount is already less by (netted proration), in the terms of the
-- catalog's prices: with it added, the line says what was charged for its own item.
ALTER TABLE invoice_lines ADD COLUMN netted numeric NOT NULL DEFAULT 0 CHECK (netted >= 0);

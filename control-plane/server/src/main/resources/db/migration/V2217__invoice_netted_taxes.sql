-- Whose credit a line's amount is already less by, and what it was made of as it was charged: so that it goes back
-- with its own taxes later, and is not given back a second time by hand. Null where an older version netted it.
ALTER TABLE invoice_lines
  ADD COLUMN netted_source text,
  ADD COLUMN netted_net numeric,
  ADD COLUMN netted_tax numeric,
  ADD COLUMN netted_taxes json;

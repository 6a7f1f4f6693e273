-- Most invoices are final as they are made. Their lines and claims are written first, and the invoice, final, after
-- them: from then on the triggers keep lines away. A foreign key would look the invoice up once for each line, which
-- was a tenth of a run.
ALTER TABLE invoice_lines DROP CONSTRAINT invoice_lines_invoice_fkey;

-- Written once, read whole: jsonb would take them apart and put them together again for nothing.
ALTER TABLE invoice_lines ALTER COLUMN taxes TYPE json;
ALTER TABLE invoices ALTER COLUMN print TYPE json;

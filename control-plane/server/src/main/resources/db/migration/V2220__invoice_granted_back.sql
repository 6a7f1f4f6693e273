-- What a closing invoice takes back of usage was discounted, and takes its part of the coupon's amount back with it.
ALTER TABLE invoice_lines DROP CONSTRAINT invoice_lines_granted_check;

-- An export reads what waits to be billed of each tenant.
CREATE INDEX invoice_one_offs_waiting_of_tenant ON invoice_one_offs (tenant) WHERE invoice IS NULL;

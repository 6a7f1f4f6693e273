-- Invoices and credit notes. A draft may change; a final document only in how far it is settled.
CREATE TABLE invoices (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('INVOICE', 'CREDIT_NOTE')),
  status text NOT NULL CHECK (status IN ('DRAFT', 'OPEN', 'PAID', 'VOID')),
  series text NOT NULL,
  ordinal bigint,
  number text,
  subscriptions text[] NOT NULL,
  period_start timestamptz NOT NULL,
  period_end timestamptz NOT NULL,
  issued_at timestamptz NOT NULL,
  issued_on date NOT NULL,
  due_at timestamptz NOT NULL,
  due_on date NOT NULL,
  currency char(3) NOT NULL,
  subtotal numeric NOT NULL,
  tax numeric NOT NULL,
  total numeric NOT NULL CHECK (total = subtotal + tax),
  paid numeric NOT NULL DEFAULT 0,
  credited numeric NOT NULL DEFAULT 0,
  corrects text REFERENCES invoices,
  void_reason text,
  print jsonb NOT NULL,
  UNIQUE (series, ordinal),
  CHECK ((status = 'DRAFT') = (ordinal IS NULL)),
  CHECK ((ordinal IS NULL) = (number IS NULL))
);
CREATE INDEX invoices_of_tenant ON invoices (tenant, id);
CREATE INDEX invoices_unsettled ON invoices (status, id) WHERE status IN ('DRAFT', 'OPEN');
CREATE INDEX invoices_open ON invoices (tenant) WHERE status = 'OPEN';
SELECT tollgate_guard('invoices');

CREATE TABLE invoice_lines (
  invoice text NOT NULL REFERENCES invoices ON DELETE CASCADE,
  tenant text NOT NULL,
  position integer NOT NULL,
  kind text NOT NULL,
  item text NOT NULL,
  meter text,
  subscription text,
  source text,
  description text NOT NULL,
  detail text NOT NULL,
  period_start timestamptz,
  period_end timestamptz,
  quantity numeric NOT NULL,
  unit_price text NOT NULL,
  amount numeric NOT NULL,
  tax numeric NOT NULL,
  taxes jsonb,
  of_position integer,
  PRIMARY KEY (invoice, position)
);
CREATE INDEX invoice_lines_usage ON invoice_lines (tenant, meter, period_start) WHERE meter IS NOT NULL;
CREATE INDEX invoice_lines_of_subscription ON invoice_lines (subscription, period_end);
SELECT tollgate_guard('invoice_lines');

-- What has been billed: the reason why nothing is billed twice, whoever tries.
CREATE TABLE invoice_claims (
  subscription text NOT NULL,
  kind text NOT NULL,
  period_start timestamptz NOT NULL,
  tenant text NOT NULL,
  invoice text NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (subscription, kind, period_start)
);
CREATE INDEX invoice_claims_of_invoice ON invoice_claims (invoice);
SELECT tollgate_guard('invoice_claims');

-- The next ordinal of each series. Locked only while finished drafts are numbered.
CREATE TABLE invoice_series (
  series text PRIMARY KEY,
  next bigint NOT NULL
);

-- What moved towards or away from a document, or a tenant's credit balance: never changed, summed.
-- Where invoice is null the entry is on the balance alone.
CREATE TABLE invoice_entries (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  invoice text REFERENCES invoices,
  kind text NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'CREDIT', 'BALANCE')),
  currency char(3) NOT NULL,
  amount numeric NOT NULL,
  reference text NOT NULL,
  at timestamptz NOT NULL,
  UNIQUE (kind, reference)
);
CREATE INDEX invoice_entries_of_invoice ON invoice_entries (invoice);
CREATE INDEX invoice_entries_balance ON invoice_entries (tenant, currency) WHERE kind = 'BALANCE';
SELECT tollgate_guard('invoice_entries');

CREATE TABLE invoice_balances (
  tenant text NOT NULL,
  currency char(3) NOT NULL,
  amount numeric NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (tenant, currency)
);
SELECT tollgate_guard('invoice_balances');

-- One-off charges that wait for the tenant's next invoice.
CREATE TABLE invoice_one_offs (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  subscription text NOT NULL,
  item text NOT NULL,
  description text NOT NULL,
  quantity numeric NOT NULL,
  unit_price numeric NOT NULL,
  tax_category text NOT NULL,
  at timestamptz NOT NULL,
  invoice text
);
CREATE INDEX invoice_one_offs_waiting ON invoice_one_offs (subscription) WHERE invoice IS NULL;
CREATE INDEX invoice_one_offs_taken ON invoice_one_offs (invoice) WHERE invoice IS NOT NULL;
SELECT tollgate_guard('invoice_one_offs');

CREATE FUNCTION invoice_keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'DRAFT' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'invoice % is final and cannot be deleted', OLD.id USING ERRCODE = '23001';
  END IF;
  IF (to_jsonb(NEW) - '{status,paid,credited,void_reason}'::text[])
     IS DISTINCT FROM (to_jsonb(OLD) - '{status,paid,credited,void_reason}'::text[])
     OR NEW.status = 'DRAFT' OR (OLD.status = 'VOID' AND NEW.status <> 'VOID') THEN
    RAISE EXCEPTION 'invoice % is final and cannot be changed', OLD.id USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_final BEFORE UPDATE OR DELETE ON invoices
  FOR EACH ROW EXECUTE FUNCTION invoice_keep_final();

-- The sub-select looks each document up by its key: a join would be planned for a table of transition
-- rows nobody has counted, and read all invoices.
CREATE FUNCTION invoice_keep_final_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  final text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT a.invoice INTO final FROM (SELECT DISTINCT invoice FROM added) a
      WHERE (SELECT i.status FROM invoices i WHERE i.id = a.invoice) <> 'DRAFT' LIMIT 1;
  ELSE
    SELECT a.invoice INTO final FROM (SELECT DISTINCT invoice FROM removed) a
      WHERE (SELECT i.status FROM invoices i WHERE i.id = a.invoice) <> 'DRAFT' LIMIT 1;
  END IF;
  IF final IS NOT NULL THEN
    RAISE EXCEPTION 'invoice % is final and its lines cannot be changed', final
      USING ERRCODE = '23001';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_final_added AFTER INSERT ON invoice_lines
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION invoice_keep_final_lines();
CREATE TRIGGER keep_final_changed AFTER UPDATE ON invoice_lines
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION invoice_keep_final_lines();
CREATE TRIGGER keep_final_removed AFTER DELETE ON invoice_lines
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION invoice_keep_final_lines();

-- A document made alone takes its number together with the commit, so that others of its series wait for that only.
-- Within its transaction it is final without one until then, in no seller's series yet; none is ever committed so.
ALTER TABLE invoices DROP CONSTRAINT invoices_numbered;
ALTER TABLE invoices ADD CONSTRAINT invoices_numbered
  CHECK (ordinal IS NULL OR status NOT IN ('DRAFT', 'CLOSED'));

CREATE FUNCTION invoice_is_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM invoices
      WHERE id = NEW.id AND ordinal IS NULL AND status NOT IN ('DRAFT', 'CLOSED')) THEN
    RAISE EXCEPTION 'invoice % is final and has no number', NEW.id USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER numbered AFTER INSERT OR UPDATE ON invoices
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.ordinal IS NULL AND NEW.status NOT IN ('DRAFT', 'CLOSED'))
  EXECUTE FUNCTION invoice_is_numbered();

CREATE OR REPLACE FUNCTION invoice_keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free text[] := '{status,paid,credited,wallet,void_reason}';
BEGIN
  IF OLD.status = 'DRAFT' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'invoice % is final and cannot be deleted', OLD.id USING ERRCODE = '23001';
  END IF;
  IF OLD.ordinal IS NULL AND OLD.status <> 'CLOSED' THEN
    free := free || '{series,ordinal,number}'::text[];
  END IF;
  IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free)
     OR NEW.status = 'DRAFT' OR (OLD.status = 'VOID' AND NEW.status <> 'VOID') THEN
    RAISE EXCEPTION 'invoice % is final and cannot be changed', OLD.id USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;

-- What the tenant's wallet paid of an invoice, beside payments and credits.
ALTER TABLE invoices ADD COLUMN wallet numeric NOT NULL DEFAULT 0 CHECK (wallet >= 0);

CREATE OR REPLACE FUNCTION invoice_keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'DRAFT' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'invoice % is final and cannot be deleted', OLD.id USING ERRCODE = '23001';
  END IF;
  IF (to_jsonb(NEW) - '{status,paid,credited,wallet,void_reason}'::text[])
     IS DISTINCT FROM (to_jsonb(OLD) - '{status,paid,credited,wallet,void_reason}'::text[])
     OR NEW.status = 'DRAFT' OR (OLD.status = 'VOID' AND NEW.status <> 'VOID') THEN
    RAISE EXCEPTION 'invoice % is final and cannot be changed', OLD.id USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;

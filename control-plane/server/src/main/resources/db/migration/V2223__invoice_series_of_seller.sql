-- With its number a document made alone gets its seller's series.
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

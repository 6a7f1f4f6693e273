-- What is sold, at every version it was ever applied in; never updated, never deleted.
CREATE TABLE catalogs (
  name text NOT NULL,
  version integer NOT NULL,
  source text NOT NULL,
  applied_at timestamptz NOT NULL,
  applied_by text NOT NULL,
  PRIMARY KEY (name, version)
);
CREATE FUNCTION catalogs_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a catalog version never changes; apply a new one';
END $$;
CREATE TRIGGER catalogs_refuse_change BEFORE UPDATE OR DELETE ON catalogs
  FOR EACH ROW EXECUTE FUNCTION catalogs_refuse();

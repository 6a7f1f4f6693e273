-- Append-only; each row's hash covers the row before it in its chain (a tenant's, or '' for what no
-- tenant owns), so that a change or a gap shows.
CREATE TABLE audit_trail (
  chain text NOT NULL,
  position bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  tenant text,
  details text NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, position)
);
CREATE INDEX audit_trail_at ON audit_trail (at);
SELECT tollgate_guard('audit_trail');

-- What the hash covers. Lengths stand before the texts, so that no two rows read alike.
CREATE FUNCTION audit_hash(previous bytea, entry audit_trail) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || convert_to(
    (SELECT string_agg(length(part) || ':' || part, '' ORDER BY place) FROM unnest(ARRAY[
       entry.chain, entry.position::text,
       (extract(epoch FROM entry.at) * 1000000)::bigint::text,
       entry.actor, entry.action, entry.subject, coalesce(entry.tenant, ''), entry.details
     ]) WITH ORDINALITY AS parts(part, place)), 'UTF8'))
$$;

-- Takes the chain's lock until the transaction's end, so that positions have no gap.
CREATE FUNCTION audit_append() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  last audit_trail;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || NEW.chain, 0));
  SELECT * INTO last FROM audit_trail WHERE chain = NEW.chain ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.hash := audit_hash(coalesce(last.hash, '\x'::bytea), NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER audit_append BEFORE INSERT ON audit_trail
  FOR EACH ROW EXECUTE FUNCTION audit_append();

CREATE FUNCTION audit_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_refuse_change BEFORE UPDATE OR DELETE ON audit_trail
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_trail
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

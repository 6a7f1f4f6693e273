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
LANGUAGE plpgsql STABLE AS $$
DECLARE
  place text := entry.position::text;
  moment text := (extract(epoch FROM entry.at) * 1000000)::bigint::text;
  owner text := coalesce(entry.tenant, '');
BEGIN
  RETURN sha256(previous || convert_to(
    length(entry.chain) || ':' || entry.chain
    || length(place) || ':' || place
    || length(moment) || ':' || moment
    || length(entry.actor) || ':' || entry.actor
    || length(entry.action) || ':' || entry.action
    || length(entry.subject) || ':' || entry.subject
    || length(owner) || ':' || owner
    || length(entry.details) || ':' || entry.details, 'UTF8'));
END $$;

-- Appends behind the chain's last line, which stays locked until the transaction's end, so that
-- positions have no gap; a chain's first line takes a lock of its name instead. Rows are locked, not
-- names, because a transaction may write for more tenants than PostgreSQL has room for locks.
CREATE FUNCTION audit_append() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  last record;
  behind bigint;
BEGIN
  LOOP
    SELECT position, hash INTO last FROM audit_trail WHERE chain = NEW.chain
      ORDER BY position DESC LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || NEW.chain, 0));
    END IF;
    -- Whoever held the lock may have appended meanwhile: then that line is the last.
    SELECT max(position) INTO behind FROM audit_trail WHERE chain = NEW.chain;
    EXIT WHEN behind IS NOT DISTINCT FROM last.position;
  END LOOP;
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

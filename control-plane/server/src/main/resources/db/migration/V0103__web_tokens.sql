CREATE TABLE tokens (
  id text PRIMARY KEY,
  role text NOT NULL,
  tenant text,
  name text NOT NULL,
  sha256 text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
SELECT tollgate_guard('tokens');
-- The answer to each keyed POST, stored in the transaction of its effect.
CREATE TABLE idempotency (
  principal text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status integer,
  headers jsonb,
  body bytea,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

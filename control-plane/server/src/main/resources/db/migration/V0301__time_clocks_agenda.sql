CREATE TABLE test_clocks (
  id text PRIMARY KEY,
  name text NOT NULL,
  now timestamptz NOT NULL,
  advancing_to timestamptz,
  -- How much was done on the way there; counted from the start of the present or last move.
  done bigint NOT NULL DEFAULT 0,
  problem text,
  created_at timestamptz NOT NULL
);
-- Which tenants live by a test clock; all others live by the wall clock.
CREATE TABLE tenant_clocks (
  tenant text PRIMARY KEY,
  clock text NOT NULL REFERENCES test_clocks
);
CREATE INDEX tenant_clocks_clock ON tenant_clocks (clock, tenant);
SELECT tollgate_guard('tenant_clocks');

-- All due work of all rooms. The tenant's clock is repeated here so that workers find what is due
-- by an index.
CREATE TABLE agenda (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  due_at timestamptz NOT NULL,
  clock text REFERENCES test_clocks,
  attempts integer NOT NULL DEFAULT 0,
  not_before timestamptz,
  error text,
  set_aside_at timestamptz,
  UNIQUE (kind, subject)
);
CREATE INDEX agenda_wall ON agenda (kind, due_at) WHERE clock IS NULL AND set_aside_at IS NULL;
CREATE INDEX agenda_clock ON agenda (clock, kind, due_at) WHERE clock IS NOT NULL AND set_aside_at IS NULL;
CREATE INDEX agenda_tenant ON agenda (tenant);
CREATE INDEX agenda_set_aside ON agenda (set_aside_at) WHERE set_aside_at IS NOT NULL;
SELECT tollgate_guard('agenda');

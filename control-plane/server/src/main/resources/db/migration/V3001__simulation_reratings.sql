-- How far a simulation is and what came of it; whoever asks may be served by another replica.
CREATE TABLE simulation_reratings (
  id text PRIMARY KEY,
  catalog text NOT NULL,
  invoices integer NOT NULL,
  actor text NOT NULL,
  state text NOT NULL CHECK (state IN ('RUNNING', 'DONE', 'FAILED')),
  tenants bigint NOT NULL DEFAULT 0,
  result jsonb,
  problem text,
  begun_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
CREATE INDEX simulation_reratings_begun ON simulation_reratings (begun_at);

-- Each change of a tenant's standing, with what caused it. The newest row is the present standing.
CREATE TABLE dunning_standings (
  tenant text NOT NULL,
  number bigint NOT NULL,
  state text NOT NULL,
  access text NOT NULL,
  reason text NOT NULL,
  cause text NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (tenant, number)
);
SELECT tollgate_guard('dunning_standings');

-- One row per tenant, locked while its standing is derived: of two derivations the later reads what
-- the earlier left.
CREATE TABLE dunning_tenants (
  tenant text PRIMARY KEY,
  last bigint NOT NULL,
  state text
);
CREATE INDEX dunning_tenants_state ON dunning_tenants (state, tenant);
SELECT tollgate_guard('dunning_tenants');

-- The steps of an unpaid invoice that were taken: each once.
CREATE TABLE dunning_steps (
  invoice text NOT NULL,
  day integer NOT NULL,
  tenant text NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (invoice, day)
);
SELECT tollgate_guard('dunning_steps');

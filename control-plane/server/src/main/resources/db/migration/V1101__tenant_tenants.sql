CREATE TABLE tenants (
  tenant text PRIMARY KEY,
  name text NOT NULL,
  zone text NOT NULL,
  currency char(3) NOT NULL,
  billing jsonb NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  archived_at timestamptz
);
SELECT tollgate_guard('tenants');
CREATE TABLE api_keys (
  id text PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenants,
  name text NOT NULL,
  sha256 text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX api_keys_tenant ON api_keys (tenant, id);
SELECT tollgate_guard('api_keys');

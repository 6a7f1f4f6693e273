-- One document per tenant, the newest. The change stream is this table read by sequence: a proxy that
-- was away gets each tenant's newest state once, so no change is ever too old to be replayed.
CREATE TABLE entitlement_documents (
  tenant text PRIMARY KEY,
  version bigint NOT NULL,
  sequence bigint,
  document jsonb
);
CREATE UNIQUE INDEX entitlement_documents_sequence ON entitlement_documents (sequence);
SELECT tollgate_guard('entitlement_documents');

-- The greatest sequence. Its row's lock is held to the end of the writing transaction, so sequences
-- become visible in their order: a reader never passes over one that commits later.
CREATE TABLE entitlement_position (
  last bigint NOT NULL
);
INSERT INTO entitlement_position VALUES (0);

CREATE TABLE entitlement_overrides (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  value jsonb NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX entitlement_overrides_tenant ON entitlement_overrides (tenant, id) WHERE revoked_at IS NULL;
SELECT tollgate_guard('entitlement_overrides');

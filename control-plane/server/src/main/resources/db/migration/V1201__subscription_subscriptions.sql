-- Each subscription as it stands; the document is the whole of it, the columns are for finding it.
CREATE TABLE subscriptions (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  product text NOT NULL,
  catalog text NOT NULL,
  version integer NOT NULL,
  plan text NOT NULL,
  state text NOT NULL,
  ended boolean NOT NULL,
  revision bigint NOT NULL,
  period_start timestamptz NOT NULL,
  period_end timestamptz NOT NULL,
  document jsonb NOT NULL
);
CREATE INDEX subscriptions_tenant ON subscriptions (tenant, id);
CREATE UNIQUE INDEX subscriptions_living ON subscriptions (tenant, catalog, product) WHERE NOT ended;
CREATE INDEX subscriptions_catalog ON subscriptions (catalog, version) WHERE NOT ended;
SELECT tollgate_guard('subscriptions');

-- Each step of each subscription's life, kept for ever.
CREATE TABLE subscription_revisions (
  subscription text NOT NULL,
  revision bigint NOT NULL,
  tenant text NOT NULL,
  command text NOT NULL,
  at timestamptz NOT NULL,
  refund boolean NOT NULL,
  document jsonb NOT NULL,
  PRIMARY KEY (subscription, revision)
);
CREATE INDEX subscription_revisions_tenant ON subscription_revisions (tenant, at);
SELECT tollgate_guard('subscription_revisions');

-- Who counted. A small number stands for a name and an incarnation in the totals' key.
CREATE TABLE usage_sources (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  incarnation text NOT NULL,
  sequence bigint NOT NULL,
  last_seen_at timestamptz NOT NULL,
  UNIQUE (name, incarnation)
);

-- The greatest total heard of each counter. "previous" is what it was before its last rise, so that
-- one statement can raise it and say by how much. Room is left in each page for updates in place.
CREATE TABLE usage_totals (
  source bigint NOT NULL REFERENCES usage_sources,
  tenant text NOT NULL,
  meter text NOT NULL,
  hour timestamptz NOT NULL,
  total bigint NOT NULL,
  previous bigint NOT NULL,
  PRIMARY KEY (source, tenant, meter, hour)
) WITH (fillfactor = 70);
SELECT tollgate_guard('usage_totals');

-- Units by hour. An hour in which a billing period begins has one row more, which starts there; so
-- a period [start, end) is the rows whose start lies in it, each unit in exactly one period.
CREATE TABLE usage_hours (
  tenant text NOT NULL,
  start timestamptz NOT NULL,
  meter text NOT NULL,
  units bigint NOT NULL,
  PRIMARY KEY (tenant, start, meter)
) WITH (fillfactor = 70);
SELECT tollgate_guard('usage_hours');

-- Until when a tenant's usage is billed: what arrives late is booked from there on. Booking holds the
-- row FOR SHARE and billing writes it, so that the two exclude each other, tenant by tenant.
CREATE TABLE usage_billed (
  tenant text PRIMARY KEY,
  until timestamptz
) WITH (fillfactor = 70);
SELECT tollgate_guard('usage_billed');

-- Events posted to the API with an id of their own.
CREATE TABLE usage_events (
  tenant text NOT NULL,
  id text NOT NULL,
  meter text NOT NULL,
  delta bigint NOT NULL,
  asked_at timestamptz,
  booked_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, id)
);
SELECT tollgate_guard('usage_events');

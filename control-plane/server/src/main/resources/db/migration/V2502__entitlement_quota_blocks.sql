-- The exact root of hard quotas: what has been granted in each window, net of what came back.
-- A lifetime quota's only window starts at the epoch.
CREATE TABLE quota_windows (
  tenant text NOT NULL,
  quota text NOT NULL,
  counter text NOT NULL,
  window_start timestamptz NOT NULL,
  outstanding bigint NOT NULL CHECK (outstanding >= 0),
  first_passed_at timestamptz,
  PRIMARY KEY (tenant, quota, counter, window_start)
);
SELECT tollgate_guard('quota_windows');

-- Each answered request, so that asking again answers the same.
CREATE TABLE quota_blocks (
  request_id text PRIMARY KEY,
  tenant text NOT NULL,
  quota text NOT NULL,
  counter text NOT NULL,
  window_start timestamptz NOT NULL,
  cluster text NOT NULL,
  units bigint NOT NULL,
  returned bigint NOT NULL,
  granted bigint NOT NULL,
  outstanding bigint NOT NULL,
  amount bigint NOT NULL,
  granted_at timestamptz NOT NULL
);
CREATE INDEX quota_blocks_age ON quota_blocks (tenant, quota, counter, granted_at);
SELECT tollgate_guard('quota_blocks');

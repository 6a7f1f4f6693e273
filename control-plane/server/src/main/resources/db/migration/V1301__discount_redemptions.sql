-- Coupons in use. A row holds from from_at until until_at (null: for ever) or ended_at.
CREATE TABLE coupon_redemptions (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  subscription text NOT NULL,
  catalog text NOT NULL,
  version integer NOT NULL,
  code text NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz,
  ended_at timestamptz
);
CREATE UNIQUE INDEX coupon_redemptions_once ON coupon_redemptions (subscription, code);
CREATE INDEX coupon_redemptions_code ON coupon_redemptions (catalog, code);
SELECT tollgate_guard('coupon_redemptions');

-- How often each code was redeemed in all. Without a tenant column, so that a limit counts every
-- tenant's redemptions whoever redeems; the row's lock keeps it exact.
CREATE TABLE coupon_counts (
  catalog text NOT NULL,
  code text NOT NULL,
  redeemed integer NOT NULL,
  PRIMARY KEY (catalog, code)
);

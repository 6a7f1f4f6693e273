-- In which periods a coupon took something off: a coupon for so many periods counts them. A period is
-- known by the instant at which it began.
CREATE TABLE coupon_periods (
  tenant text NOT NULL,
  subscription text NOT NULL,
  code text NOT NULL,
  period timestamptz NOT NULL,
  PRIMARY KEY (subscription, code, period)
);
SELECT tollgate_guard('coupon_periods');

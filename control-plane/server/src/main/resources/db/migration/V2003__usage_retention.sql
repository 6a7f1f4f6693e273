-- Up to when totals are forgotten: what a counter of an hour before it says is refused, as nobody knows any more whether it
-- was booked. One row; booking holds it FOR SHARE, so that nothing is forgotten in between.
CREATE TABLE usage_forgotten (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  before timestamptz NOT NULL
);
INSERT INTO usage_forgotten (before) VALUES ('1970-01-01T00:00:00Z');

-- Rows come in the order of their hours, so that little of an index is enough to find the oldest.
CREATE INDEX usage_totals_hour ON usage_totals USING brin (hour) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX usage_transactions_start ON usage_transactions USING brin (start) WITH (pages_per_range = 32, autosummarize = on);

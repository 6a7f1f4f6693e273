-- The amount that was passed first: a greater one has a grace of its own.
ALTER TABLE quota_windows ADD COLUMN passed_amount bigint NOT NULL DEFAULT 0;

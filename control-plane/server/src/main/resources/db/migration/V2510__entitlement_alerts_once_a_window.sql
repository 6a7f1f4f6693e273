-- A threshold is passed once in a window, also where the quota is raised or lowered inside it: the
-- amount no longer tells two alerts apart. Of those that were, the first stays.
SELECT set_config('tollgate.tenant', '*', true);
DELETE FROM quota_alerts later
  USING quota_alerts first
  WHERE first.tenant = later.tenant AND first.quota = later.quota AND first.counter = later.counter
    AND first.window_start = later.window_start AND first.kind = later.kind
    AND first.percent = later.percent AND first.id < later.id;
DO $$
DECLARE
  known text;
BEGIN
  FOR known IN
    SELECT conname FROM pg_constraint WHERE conrelid = 'quota_alerts'::regclass AND contype = 'u'
  LOOP
    EXECUTE format('ALTER TABLE quota_alerts DROP CONSTRAINT %I', known);
  END LOOP;
END $$;
ALTER TABLE quota_alerts ADD CONSTRAINT quota_alerts_once
  UNIQUE (tenant, quota, counter, window_start, kind, percent);

-- Written and read whole: jsonb would take them apart and put them together again for nothing.
ALTER TABLE subscriptions ALTER COLUMN document TYPE json;
ALTER TABLE subscription_revisions ALTER COLUMN document TYPE json;

-- Written and read whole: jsonb would take them apart and put them together again for nothing.
ALTER TABLE entitlement_documents ALTER COLUMN document TYPE json;

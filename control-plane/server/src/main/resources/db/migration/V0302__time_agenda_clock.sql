-- Test clocks are never deleted; the check locked the one clock's row for each entry of each of its tenants.
ALTER TABLE agenda DROP CONSTRAINT agenda_clock_fkey;

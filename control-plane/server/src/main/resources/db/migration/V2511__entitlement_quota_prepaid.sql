-- Units paid ahead that a quota's windows have taken, beyond the quota's own amount: however many
-- windows begin, a unit that one of them took is gone for the others.
ALTER TABLE quota_windows ADD COLUMN prepaid bigint NOT NULL DEFAULT 0 CHECK (prepaid >= 0);

CREATE TABLE quota_prepaid (
  tenant text NOT NULL,
  quota text NOT NULL,
  spent bigint NOT NULL CHECK (spent >= 0),
  PRIMARY KEY (tenant, quota)
);
SELECT tollgate_guard('quota_prepaid');

-- One wallet per tenant and asset: a currency's code, or meter:KEY.
CREATE TABLE wallets (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  asset text NOT NULL,
  drawn numeric NOT NULL DEFAULT 0 CHECK (drawn >= 0),
  round bigint NOT NULL DEFAULT 0,
  alert_below numeric,
  alerted boolean NOT NULL DEFAULT false,
  alerts bigint NOT NULL DEFAULT 0,
  top_up_below numeric,
  top_up_amount numeric,
  top_up_add_on text,
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (tenant, asset)
);
SELECT tollgate_guard('wallets');

-- What is left of a credit is what the ledger says; the trigger below keeps the sum here.
CREATE TABLE wallet_credits (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  wallet text NOT NULL REFERENCES wallets,
  amount numeric NOT NULL CHECK (amount > 0),
  remaining numeric NOT NULL DEFAULT 0 CHECK (remaining >= 0 AND remaining <= amount),
  priority integer NOT NULL,
  expires_at timestamptz,
  source text NOT NULL,
  origin text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX wallet_credits_left ON wallet_credits (wallet) WHERE remaining > 0;
CREATE INDEX wallet_credits_origin ON wallet_credits (wallet, origin);
CREATE INDEX wallet_credits_list ON wallet_credits (wallet, id);
SELECT tollgate_guard('wallet_credits');

-- The ledger: each row debits one account and credits another, so that it balances by its form.
CREATE TABLE wallet_transfers (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  wallet text NOT NULL REFERENCES wallets,
  credit text NOT NULL REFERENCES wallet_credits,
  kind text NOT NULL,
  debited text NOT NULL,
  credited text NOT NULL CHECK (credited <> debited),
  amount numeric NOT NULL CHECK (amount > 0),
  reference text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX wallet_transfers_list ON wallet_transfers (wallet, id);
CREATE INDEX wallet_transfers_reference ON wallet_transfers (reference);
SELECT tollgate_guard('wallet_transfers');

CREATE FUNCTION wallet_keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger of wallets is only added to' USING ERRCODE = '23001';
END $$;
CREATE TRIGGER keep_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_transfers
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_keep_ledger();

CREATE FUNCTION wallet_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE wallet_credits SET remaining = remaining
    + CASE WHEN NEW.credited = 'credits' THEN NEW.amount ELSE -NEW.amount END
    WHERE id = NEW.credit;
  RETURN NULL;
END $$;
CREATE TRIGGER book AFTER INSERT ON wallet_transfers
  FOR EACH ROW EXECUTE FUNCTION wallet_book();

CREATE TABLE wallet_top_ups (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  wallet text NOT NULL REFERENCES wallets,
  amount numeric NOT NULL CHECK (amount > 0),
  priority integer NOT NULL,
  expires_at timestamptz,
  invoice text UNIQUE,
  state text NOT NULL CHECK (state IN ('PENDING', 'SETTLED', 'VOID')),
  at timestamptz NOT NULL
);
CREATE INDEX wallet_top_ups_pending ON wallet_top_ups (wallet) WHERE state = 'PENDING';
SELECT tollgate_guard('wallet_top_ups');

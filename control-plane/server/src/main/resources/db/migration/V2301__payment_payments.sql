-- Through which provider a tenant pays, and who it is there. No row: the configured default.
CREATE TABLE payment_methods (
  tenant text PRIMARY KEY,
  provider text NOT NULL,
  customer text
);
SELECT tollgate_guard('payment_methods');

-- Every attempt to move money, stored before it is sent: its id is the idempotency key the provider
-- gets. Attempts are never deleted; a later one says what became of an earlier one nobody heard of.
CREATE TABLE payment_attempts (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  invoice text NOT NULL,
  provider text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('COLLECTION', 'RECEIPT', 'REFUND')),
  state text NOT NULL CHECK (state IN ('SENT', 'SETTLED', 'PENDING', 'DECLINED', 'UNAVAILABLE')),
  number integer NOT NULL,
  currency char(3) NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0),
  reference text,
  code text,
  message text,
  pay_at text,
  refunds text REFERENCES payment_attempts,
  actor text NOT NULL,
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  sent_until timestamptz
);
CREATE INDEX payment_attempts_tenant ON payment_attempts (tenant, id);
CREATE INDEX payment_attempts_invoice ON payment_attempts (invoice, id);
CREATE INDEX payment_attempts_refunds ON payment_attempts (refunds) WHERE refunds IS NOT NULL;
-- One collection at a time for an invoice, on whichever replica.
CREATE UNIQUE INDEX payment_attempts_in_flight ON payment_attempts (invoice)
  WHERE state = 'SENT' AND kind = 'COLLECTION';
-- What a provider settled once is booked once, whether its answer or its webhook came first. People
-- may write the same remark on transfers for different invoices.
CREATE UNIQUE INDEX payment_attempts_settled ON payment_attempts (invoice, provider, reference)
  WHERE state = 'SETTLED' AND reference IS NOT NULL;
SELECT tollgate_guard('payment_attempts');

-- Webhooks that were acted on. Providers send them twice.
CREATE TABLE payment_events (
  provider text NOT NULL,
  event text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (provider, event)
);

-- What usage has drawn in a quota's window.
CREATE INDEX wallet_transfers_draws ON wallet_transfers (wallet, at) WHERE kind IN ('DRAW', 'RETURN');

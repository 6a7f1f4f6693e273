-- Whether anything of one tenant still waits, which a read that must see it asks.
CREATE INDEX outbox_of_tenant ON outbox (tenant, consumer) WHERE set_aside_at IS NULL;

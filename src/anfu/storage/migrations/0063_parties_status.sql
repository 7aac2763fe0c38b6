-- Few customers stand otherwise than ACTIVE: they are found without walking through all.
CREATE INDEX customer_status ON parties.customer (status, id) WHERE status <> 'ACTIVE';

-- Accounts of one kind; the key never changes, so that updates of the counters stay heap-only.
CREATE INDEX account_kind ON ledger.account (split_part(key, '/', 2), key);

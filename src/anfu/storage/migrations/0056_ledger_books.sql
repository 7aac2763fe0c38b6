-- Accounts of one kind; the key never changes, so that updates of the counters stay heap-only.
CREATE INDEX account_kind ON ledger.account (split_part(key, '/', 2), key);
-- Entries since a moment, for a trial balance of the past: they are written in the order of time.
CREATE INDEX entry_at ON ledger.entry USING brin (at)
    WITH (pages_per_range = 32, autosummarize = on);

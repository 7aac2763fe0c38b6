-- Sums carried forward: what the accounts of each kind had come to by the moment `until`, that moment
-- included, so that a trial balance reads the entries since then and not all there are. The moment is
-- written first, while nobody books; from then on whatever is booked with an earlier date takes it
-- back, and every later one. Only then the sums are added up: none misses an entry, however late that
-- is committed. Both tables follow from the entries and can be emptied at any time.
CREATE TABLE ledger.carried (
    until timestamptz PRIMARY KEY,
    whole boolean NOT NULL DEFAULT false
);
GRANT SELECT, INSERT (until), UPDATE (whole) ON ledger.carried TO anfu_app;

CREATE TABLE ledger.carried_sum (
    until    timestamptz NOT NULL REFERENCES ledger.carried ON DELETE CASCADE,
    kind     text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    accounts bigint NOT NULL CHECK (accounts >= 0),
    debits   numeric(30) NOT NULL CHECK (debits >= 0),
    credits  numeric(30) NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (until, kind, currency)
);
GRANT SELECT, INSERT ON ledger.carried_sum TO anfu_app;

-- Accounts opened since a moment.
CREATE INDEX account_opened ON ledger.account (opened_at);

-- Who books holds the lock in common with others who book, until its transaction ends; who writes a
-- moment holds it alone. The moments are read after the lock was had.
CREATE FUNCTION ledger.take_back_carried() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    earliest timestamptz;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        SELECT min(at) INTO earliest FROM booked;
    ELSE
        SELECT min(opened_at) INTO earliest FROM booked;
    END IF;
    IF earliest IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(x'616E6675CA'::bigint);
        DELETE FROM ledger.carried WHERE until >= earliest;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_takes_back_carried AFTER INSERT ON ledger.entry
    REFERENCING NEW TABLE AS booked
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.take_back_carried();
CREATE TRIGGER account_takes_back_carried AFTER INSERT ON ledger.account
    REFERENCING NEW TABLE AS booked
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.take_back_carried();

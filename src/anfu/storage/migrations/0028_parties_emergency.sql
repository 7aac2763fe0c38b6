-- Break-glass: a sealed secret that opens one account once, for an hour. sealed: who opened it and
-- why, as was told.
CREATE TABLE parties.emergency (
    id          text COLLATE "C" PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    made_at     timestamptz NOT NULL,
    voided_at   timestamptz,
    opened_at   timestamptz,
    ends_at     timestamptz,
    closed_at   timestamptz,
    staff_id    text COLLATE "C" REFERENCES parties.staff (id),
    address     text,
    sealed      bytea,
    CHECK ((opened_at IS NULL) = (staff_id IS NULL)),
    CHECK ((opened_at IS NULL) = (sealed IS NULL)),
    CHECK ((opened_at IS NULL) = (ends_at IS NULL)),
    CHECK (closed_at IS NULL OR opened_at IS NOT NULL),
    CHECK (voided_at IS NULL OR opened_at IS NULL)
);
CREATE INDEX emergency_open ON parties.emergency (id)
    WHERE opened_at IS NOT NULL AND closed_at IS NULL;
GRANT SELECT, INSERT,
    UPDATE (voided_at, opened_at, ends_at, closed_at, staff_id, address, sealed)
    ON parties.emergency TO anfu_app;
-- What was opened stays opened: a secret is good once. sealed changes with the keys of the ring; the
-- digest of what was told is in the evidence.
CREATE TRIGGER emergency_opens_once BEFORE UPDATE OF opened_at, staff_id, ends_at
    ON parties.emergency FOR EACH ROW WHEN (OLD.opened_at IS NOT NULL)
    EXECUTE FUNCTION storage.refuse_change();

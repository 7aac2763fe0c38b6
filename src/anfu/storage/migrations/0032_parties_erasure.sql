-- Since when what is known of a person is only stored: kept because a law says so, and read by no
-- operation (个人信息保护法 art. 47; 国令790 art. 24).
ALTER TABLE parties.customer
    DROP CONSTRAINT customer_status_check,
    ADD COLUMN stored_since timestamptz,
    ADD CHECK (status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')),
    ADD CHECK ((status = 'CLOSED') = (stored_since IS NOT NULL));
GRANT UPDATE (stored_since, reference, phone_index, document_index) ON parties.customer TO anfu_app;
ALTER TABLE parties.onboarding ADD COLUMN stored_since timestamptz;
GRANT UPDATE (stored_since, document_index) ON parties.onboarding TO anfu_app;

-- A person's wish to be forgotten. keep_until: the last day any law asks for something of it.
CREATE TABLE parties.erasure (
    id           text COLLATE "C" PRIMARY KEY,
    customer     text COLLATE "C" NOT NULL REFERENCES parties.customer (id),
    state        text NOT NULL CHECK (state IN ('REQUESTED', 'DECLINED', 'STORED', 'ERASED')),
    reason       text NOT NULL CHECK (reason <> ''),
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    decided_by   text COLLATE "C",
    decided_at   timestamptz,
    answer       text,
    last_used_at timestamptz,
    keep_until   date,
    erased_at    timestamptz,
    CHECK ((state = 'REQUESTED') = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (decided_by <> requested_by),
    CHECK ((state = 'DECLINED') = (answer IS NOT NULL)),
    CHECK ((state IN ('STORED', 'ERASED')) = (keep_until IS NOT NULL)),
    CHECK ((state = 'ERASED') = (erased_at IS NOT NULL))
);
CREATE UNIQUE INDEX erasure_one ON parties.erasure (customer) WHERE state <> 'DECLINED';
CREATE INDEX erasure_due ON parties.erasure (keep_until) WHERE state = 'STORED';
GRANT SELECT, INSERT,
    UPDATE (state, decided_by, decided_at, answer, last_used_at, keep_until, erased_at)
    ON parties.erasure TO anfu_app;

-- One person, one identity (43号 art. 6): what finds a customer changes only once it is stored, and
-- who is stored stays so.
CREATE FUNCTION parties.refuse_new_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keeps its identity', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER a_customer_keeps_its_identity BEFORE UPDATE ON parties.customer
    FOR EACH ROW WHEN (
        (OLD.stored_since IS NULL AND (OLD.phone_index <> NEW.phone_index
            OR OLD.document_index <> NEW.document_index
            OR NEW.stored_since IS NULL AND OLD.reference IS DISTINCT FROM NEW.reference))
        OR OLD.stored_since IS NOT NULL AND NEW.stored_since IS DISTINCT FROM OLD.stored_since)
    EXECUTE FUNCTION parties.refuse_new_identity();
CREATE TRIGGER an_onboarding_keeps_its_identity BEFORE UPDATE ON parties.onboarding
    FOR EACH ROW WHEN (
        OLD.stored_since IS NULL AND OLD.document_index <> NEW.document_index
        OR OLD.stored_since IS NOT NULL AND NEW.stored_since IS DISTINCT FROM OLD.stored_since)
    EXECUTE FUNCTION parties.refuse_new_identity();

-- Terms of a mandate are deleted with the rest of the person.
GRANT DELETE ON parties.mandate TO anfu_app;

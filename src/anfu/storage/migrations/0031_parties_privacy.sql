-- Who saw a person's data in clear, what of it and why. The value is nowhere here.
CREATE TABLE parties.reveal (
    id       text COLLATE "C" PRIMARY KEY,
    customer text COLLATE "C" NOT NULL REFERENCES parties.customer (id),
    field    text NOT NULL CHECK (field IN ('name', 'phone', 'document_number', 'everything')),
    reason   text NOT NULL CHECK (reason <> ''),
    by       text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX reveal_customer ON parties.reveal (customer, id);
CREATE INDEX reveal_by ON parties.reveal (by, at);
GRANT SELECT, INSERT ON parties.reveal TO anfu_app;
CREATE TRIGGER reveal_is_append_only BEFORE UPDATE OR DELETE ON parties.reveal
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER reveal_is_not_emptied BEFORE TRUNCATE ON parties.reveal
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- Consent given and withdrawn; the last word on a purpose holds. person: a customer or an
-- onboarding. text_hash: SHA-256 of the words that were agreed to.
CREATE TABLE parties.consent (
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    id           text COLLATE "C" PRIMARY KEY,
    person       text COLLATE "C" NOT NULL,
    purpose      text NOT NULL CHECK (purpose ~ '^[A-Z][A-Z_]*$'),
    act          text NOT NULL CHECK (act IN ('GIVEN', 'WITHDRAWN')),
    separate     boolean NOT NULL,
    text_version text CHECK (text_version <> ''),
    text_hash    bytea CHECK (octet_length(text_hash) = 32),
    by           text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    CHECK ((act = 'GIVEN') = (text_version IS NOT NULL AND text_hash IS NOT NULL)),
    CHECK (act = 'GIVEN' OR (text_version IS NULL AND text_hash IS NULL AND NOT separate))
);
CREATE INDEX consent_person ON parties.consent (person, purpose, seq);
GRANT SELECT, INSERT ON parties.consent TO anfu_app;
CREATE TRIGGER consent_is_append_only BEFORE UPDATE OR DELETE ON parties.consent
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER consent_is_not_emptied BEFORE TRUNCATE ON parties.consent
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- A firm that pays (单位客户). sealed: what the register says of it and the persons who act for it.
-- document_until: the earliest last day of licence and documents; after it the firm does not pay
-- (令〔2025〕11号 art. 26). code_index: keyed hash of the unified social credit code (GB 32100).
CREATE TABLE parties.firm (
    id             text COLLATE "C" PRIMARY KEY,
    state          text COLLATE "C" NOT NULL
        CHECK (state IN ('APPLIED', 'OPENED', 'SUSPENDED', 'CLOSED')),
    opened_by      text COLLATE "C" REFERENCES parties.merchant (id),
    document_until date NOT NULL,
    created_at     timestamptz NOT NULL,
    stored_since   timestamptz,
    sealed         bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    code_index     bytea NOT NULL UNIQUE CHECK (octet_length(code_index) = 32),
    CHECK ((state = 'CLOSED') = (stored_since IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE (state, document_until, stored_since, sealed, code_index)
    ON parties.firm TO anfu_app;
-- One firm, one identity (43号 art. 6): what finds it changes only once it is stored.
CREATE TRIGGER a_firm_keeps_its_identity BEFORE UPDATE ON parties.firm
    FOR EACH ROW WHEN (
        OLD.stored_since IS NULL AND OLD.code_index <> NEW.code_index
        OR OLD.stored_since IS NOT NULL AND NEW.stored_since IS DISTINCT FROM OLD.stored_since)
    EXECUTE FUNCTION parties.refuse_new_identity();

-- Who owns a firm, as it declared; sealed: the shares and the persons. Good once a second person of
-- the institution has confirmed it (令〔2025〕12号 art. 4); the last one confirmed is in force.
CREATE TABLE parties.ownership (
    id           text COLLATE "C" PRIMARY KEY,
    firm         text COLLATE "C" NOT NULL REFERENCES parties.firm (id),
    declared_by  text COLLATE "C" NOT NULL,
    declared_at  timestamptz NOT NULL,
    confirmed_by text COLLATE "C" CHECK (confirmed_by <> declared_by),
    confirmed_at timestamptz,
    sealed       bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);
CREATE INDEX ownership_firm ON parties.ownership (firm, id);
GRANT SELECT, INSERT, UPDATE (confirmed_by, confirmed_at, sealed) ON parties.ownership TO anfu_app;

-- A question is about an onboarding or about a firm. firm_state: what the registry of firms says.
ALTER TABLE parties.verification
    ALTER COLUMN onboarding DROP NOT NULL,
    ADD COLUMN firm text COLLATE "C" REFERENCES parties.firm (id),
    ADD COLUMN firm_state text COLLATE "C"
        CHECK (firm_state IN ('IN_BUSINESS', 'ABNORMAL', 'DISHONEST', 'REVOKED', 'CANCELLED')),
    ADD CHECK (num_nonnulls(onboarding, firm) = 1);
GRANT UPDATE (firm_state) ON parties.verification TO anfu_app;
CREATE UNIQUE INDEX verification_firm_open ON parties.verification (firm, kind)
    WHERE state IN ('ASKED', 'UNKNOWN');
CREATE INDEX verification_firm ON parties.verification (firm, id) WHERE firm IS NOT NULL;

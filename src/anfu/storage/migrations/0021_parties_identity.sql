-- An application for a payment account. sealed: the person, as in parties.customer.
CREATE TABLE parties.onboarding (
    id             text COLLATE "C" PRIMARY KEY,
    state          text COLLATE "C" NOT NULL CHECK (state IN ('APPLIED', 'OPENED', 'SUSPENDED')),
    customer       text COLLATE "C" UNIQUE REFERENCES parties.customer (id),
    opened_by      text COLLATE "C" REFERENCES parties.merchant (id),
    document_until date NOT NULL,
    created_at     timestamptz NOT NULL,
    sealed         bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    document_index bytea NOT NULL UNIQUE CHECK (octet_length(document_index) = 32),
    CHECK ((state = 'APPLIED') = (customer IS NULL))
);
GRANT SELECT, INSERT, UPDATE (state, customer, document_until, sealed) ON parties.onboarding
    TO anfu_app;

-- One question to one outside channel. sealed: what was asked, to ask the same again. bank_grade:
-- the class of the bank account, which decides whether it counts (43号 art. 11).
CREATE TABLE parties.verification (
    id          text COLLATE "C" PRIMARY KEY,
    onboarding  text COLLATE "C" NOT NULL REFERENCES parties.onboarding (id),
    kind        text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL
        CHECK (state IN ('ASKED', 'UNKNOWN', 'CONFIRMED', 'CONTRADICTED')),
    attempts    integer NOT NULL CHECK (attempts > 0),
    asked_at    timestamptz NOT NULL,
    answered_at timestamptz,
    reason      text COLLATE "C",
    source      text COLLATE "C",
    bank_grade  text COLLATE "C" CHECK (bank_grade IN ('I', 'II', 'III', 'CREDIT')),
    sealed      bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    CHECK ((state IN ('CONFIRMED', 'CONTRADICTED')) = (answered_at IS NOT NULL)),
    CHECK (state <> 'CONFIRMED' OR source IS NOT NULL)
);
CREATE UNIQUE INDEX verification_open ON parties.verification (onboarding, kind)
    WHERE state IN ('ASKED', 'UNKNOWN');
CREATE INDEX verification_due ON parties.verification (asked_at)
    WHERE state IN ('ASKED', 'UNKNOWN');
CREATE INDEX verification_onboarding ON parties.verification (onboarding, id);
GRANT SELECT, INSERT,
    UPDATE (state, attempts, asked_at, answered_at, reason, source, bank_grade, sealed)
    ON parties.verification TO anfu_app;

-- Last day of the identity document; null where it is not known. After it the customer does not
-- pay (令〔2025〕11号 art. 26).
ALTER TABLE parties.customer ADD COLUMN document_until date;
GRANT UPDATE (document_until) ON parties.customer TO anfu_app;

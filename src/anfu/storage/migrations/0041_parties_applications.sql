-- A merchant from its application on. APPLIED: nobody has approved it; CLOSED: it was refused, or
-- has ended. enrolled_at: since when it takes part (入网), null before. overdue: it is suspended
-- because nobody has looked at it again in time, or a registry contradicted.
ALTER TABLE parties.merchant
    DROP CONSTRAINT merchant_status_check,
    ADD CONSTRAINT merchant_status_check
        CHECK (status IN ('APPLIED', 'ACTIVE', 'SUSPENDED', 'CLOSED')),
    ADD COLUMN enrolled_at timestamptz,
    ADD COLUMN overdue boolean NOT NULL DEFAULT false;
UPDATE parties.merchant SET enrolled_at = created_at;
ALTER TABLE parties.merchant
    ADD CHECK (enrolled_at IS NOT NULL OR status IN ('APPLIED', 'CLOSED')),
    ADD CHECK (NOT overdue OR status = 'SUSPENDED');
GRANT UPDATE (name, mcc, enrolled_at, overdue) ON parties.merchant TO anfu_app;

-- An application of a firm to be a merchant. sealed: its representative, address and settlement
-- account. suspended_*: by hand; unverified_since: as `overdue` above.
CREATE TABLE parties.application (
    id               text COLLATE "C" PRIMARY KEY,
    merchant         text COLLATE "C" NOT NULL UNIQUE REFERENCES parties.merchant (id),
    state            text COLLATE "C" NOT NULL CHECK (state IN
        ('DRAFT', 'SUBMITTED', 'CHECKED', 'APPROVED', 'REFUSED', 'SUSPENDED', 'CLOSED')),
    legal_name       text NOT NULL CHECK (legal_name <> ''),
    credit_code      text COLLATE "C" NOT NULL CHECK (credit_code ~ '^[0-9A-Z]{18}$'),
    scenes           text[] NOT NULL CHECK (cardinality(scenes) > 0),
    sealed           bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    document_until   date NOT NULL,
    written_by       text COLLATE "C" NOT NULL,
    created_at       timestamptz NOT NULL,
    submitted_by     text COLLATE "C",
    decided_by       text COLLATE "C",
    decided_at       timestamptz,
    refusal          text COLLATE "C",
    rating           text COLLATE "C" CHECK (rating IN ('LOW', 'MEDIUM', 'HIGH')),
    due_on           date,
    visited_on       date,
    suspended_by     text COLLATE "C",
    suspended_at     timestamptz,
    suspended_for    text CHECK (suspended_for <> ''),
    unverified_since timestamptz,
    CHECK ((suspended_by IS NULL) = (suspended_at IS NULL)),
    CHECK ((suspended_by IS NULL) = (suspended_for IS NULL)),
    CHECK ((state = 'REFUSED') = (refusal IS NOT NULL)),
    CHECK (state NOT IN ('APPROVED', 'SUSPENDED') OR
           (due_on IS NOT NULL AND rating IS NOT NULL AND
            decided_by NOT IN (written_by, submitted_by))),
    CHECK (state <> 'APPROVED' OR (suspended_by IS NULL AND unverified_since IS NULL)),
    CHECK (state <> 'SUSPENDED' OR suspended_by IS NOT NULL OR unverified_since IS NOT NULL)
);
-- One firm is one merchant: of drafts there may be several.
CREATE UNIQUE INDEX application_firm ON parties.application (credit_code)
    WHERE state NOT IN ('DRAFT', 'REFUSED', 'CLOSED');
CREATE INDEX application_due ON parties.application (due_on)
    WHERE state IN ('APPROVED', 'SUSPENDED') AND unverified_since IS NULL;
GRANT SELECT, INSERT,
    UPDATE (state, legal_name, credit_code, scenes, sealed, document_until, written_by,
            submitted_by, decided_by, decided_at, refusal, rating, due_on, visited_on,
            suspended_by, suspended_at, suspended_for, unverified_since)
    ON parties.application TO anfu_app;

-- One question about an application to one registry.
CREATE TABLE parties.inquiry (
    id          text COLLATE "C" PRIMARY KEY,
    application text COLLATE "C" NOT NULL REFERENCES parties.application (id),
    registry    text COLLATE "C" NOT NULL CHECK (registry IN ('FIRM_REGISTRY', 'CITIZEN_REGISTRY')),
    state       text COLLATE "C" NOT NULL
        CHECK (state IN ('ASKED', 'UNKNOWN', 'CONFIRMED', 'CONTRADICTED')),
    attempts    integer NOT NULL CHECK (attempts > 0),
    asked_at    timestamptz NOT NULL,
    answered_at timestamptz,
    reason      text COLLATE "C",
    source      text COLLATE "C",
    firm_state  text COLLATE "C",
    CHECK ((state IN ('CONFIRMED', 'CONTRADICTED')) = (answered_at IS NOT NULL)),
    CHECK (state <> 'CONFIRMED' OR source IS NOT NULL)
);
CREATE UNIQUE INDEX inquiry_open ON parties.inquiry (application, registry)
    WHERE state IN ('ASKED', 'UNKNOWN');
CREATE INDEX inquiry_due ON parties.inquiry (asked_at) WHERE state IN ('ASKED', 'UNKNOWN');
CREATE INDEX inquiry_application ON parties.inquiry (application, id);
GRANT SELECT, INSERT, UPDATE (state, attempts, asked_at, answered_at, reason, source, firm_state)
    ON parties.inquiry TO anfu_app;

CREATE SCHEMA risk;
GRANT USAGE ON SCHEMA risk TO anfu_app;

-- Every catalogue and rule set a decision was ever made with: replay needs them.
CREATE TABLE risk.catalogue (
    version text COLLATE "C" PRIMARY KEY CHECK (version ~ '^[0-9a-f]{16}$'),
    body    bytea NOT NULL,
    -- the version is the start of the hash of the body
    CHECK (version = left(encode(sha256(body), 'hex'), 16))
);
CREATE TABLE risk.rule_set (
    version text COLLATE "C" PRIMARY KEY CHECK (version ~ '^[0-9a-f]{16}$'),
    body    bytea NOT NULL,
    CHECK (version = left(encode(sha256(body), 'hex'), 16))
);

-- What was known (facts: a canonical JSON array in the catalogue's order) and what was said.
-- The event itself is the first part of the facts, so that profiles are rebuilt from this table.
CREATE TABLE risk.decision (
    id        text COLLATE "C" PRIMARY KEY,
    at        timestamptz NOT NULL,
    score     smallint NOT NULL CHECK (score BETWEEN 0 AND 1000),
    outcome   text NOT NULL CHECK (outcome IN ('ALLOW', 'CHALLENGE', 'REVIEW', 'BLOCK')),
    reasons   text NOT NULL,
    catalogue text COLLATE "C" NOT NULL,
    rule_set  text COLLATE "C" NOT NULL,
    facts     bytea NOT NULL
);

-- What a payment turned out to be. The latest row speaks; the ones before it are history.
CREATE TABLE risk.label (
    payment text COLLATE "C" NOT NULL,
    seq     bigint GENERATED ALWAYS AS IDENTITY,
    label   text NOT NULL CHECK (label IN ('FRAUD', 'HONEST')),
    at      timestamptz NOT NULL,
    source  text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (payment, seq)
);

GRANT SELECT, INSERT ON risk.catalogue, risk.rule_set, risk.decision, risk.label TO anfu_app;

CREATE TRIGGER catalogue_is_append_only BEFORE UPDATE OR DELETE ON risk.catalogue
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER rule_set_is_append_only BEFORE UPDATE OR DELETE ON risk.rule_set
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER decision_is_append_only BEFORE UPDATE OR DELETE ON risk.decision
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER label_is_append_only BEFORE UPDATE OR DELETE ON risk.label
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- Models: what one is never changes; only where it stands does.
CREATE TABLE risk.model (
    id          text COLLATE "C" PRIMARY KEY,
    role        text NOT NULL CHECK (role IN ('FRAUD', 'ANOMALY')),
    declaration bytea NOT NULL,
    onnx        bytea NOT NULL,
    author      text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'CANDIDATE'
        CHECK (state IN ('CANDIDATE', 'CHALLENGER', 'CHAMPION', 'RETIRED')),
    moved_by    text COLLATE "C" NOT NULL,
    moved_at    timestamptz NOT NULL,
    -- same content, same model; and the declaration speaks of these very bytes
    CHECK (id = 'mdl_' || left(encode(sha256(declaration), 'hex'), 16)),
    CHECK (convert_from(declaration, 'UTF8')::jsonb ->> 'onnx' = encode(sha256(onnx), 'hex'))
);
ALTER TABLE risk.model ALTER COLUMN onnx SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX model_champion ON risk.model (role) WHERE state = 'CHAMPION';

-- Every state a model was in. Processes follow by the last `seq`.
CREATE TABLE risk.model_move (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model    text COLLATE "C" NOT NULL REFERENCES risk.model (id),
    state    text NOT NULL CHECK (state IN ('CANDIDATE', 'CHALLENGER', 'CHAMPION', 'RETIRED')),
    at       timestamptz NOT NULL,
    by       text COLLATE "C" NOT NULL,
    proposal text COLLATE "C" REFERENCES risk.proposal (id),
    -- what changes the answer to a payment was proposed by one person and approved by another
    CHECK (state = 'CANDIDATE' OR proposal IS NOT NULL)
);

-- What belongs to a model: the figures of its card, the distributions drift is measured against.
CREATE TABLE risk.model_paper (
    model text COLLATE "C" NOT NULL REFERENCES risk.model (id),
    kind  text NOT NULL CHECK (kind IN ('FIGURES', 'REFERENCE')),
    at    timestamptz NOT NULL,
    body  bytea NOT NULL,
    PRIMARY KEY (model, kind, at)
);

-- Why a model scored a decision as it did, in reasons; for decisions a person reads.
CREATE TABLE risk.model_reason (
    decision text COLLATE "C" NOT NULL,
    model    text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (decision, model)
);

-- What no longer looks as it did when a model was trained.
CREATE TABLE risk.model_drift (
    id    text COLLATE "C" PRIMARY KEY,
    model text COLLATE "C" NOT NULL REFERENCES risk.model (id),
    at    timestamptz NOT NULL,
    body  bytea NOT NULL
);
CREATE INDEX model_drift_of ON risk.model_drift (model, id);

GRANT SELECT, INSERT ON risk.model, risk.model_move, risk.model_paper, risk.model_reason,
    risk.model_drift TO anfu_app;
GRANT UPDATE (state, moved_by, moved_at) ON risk.model TO anfu_app;

CREATE TRIGGER model_move_is_append_only BEFORE UPDATE OR DELETE ON risk.model_move
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER model_paper_is_append_only BEFORE UPDATE OR DELETE ON risk.model_paper
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER model_reason_is_append_only BEFORE UPDATE OR DELETE ON risk.model_reason
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER model_drift_is_append_only BEFORE UPDATE OR DELETE ON risk.model_drift
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

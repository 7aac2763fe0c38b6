-- A change of policy that one person proposes and another one decides on. What is proposed never
-- changes; only its state does.
CREATE TABLE risk.proposal (
    id         text COLLATE "C" PRIMARY KEY,
    subject    text NOT NULL CHECK (subject ~ '^[A-Z][A-Z_]*$'),
    target     text COLLATE "C" NOT NULL,
    body       bytea NOT NULL,
    author     text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'OPEN'
        CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    decided_by text COLLATE "C",
    decided_at timestamptz,
    CHECK ((state = 'OPEN') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    -- the author may take it back, and that is all the author may do
    CHECK (state NOT IN ('APPROVED', 'REJECTED') OR decided_by <> author),
    CHECK (state <> 'WITHDRAWN' OR decided_by = author)
);
CREATE INDEX proposal_open ON risk.proposal (id) WHERE state = 'OPEN';

-- What whoever decides should have read: a back-test, a shadow difference, a model card.
CREATE TABLE risk.proposal_paper (
    proposal text COLLATE "C" NOT NULL REFERENCES risk.proposal (id),
    kind     text NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]*$'),
    at       timestamptz NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (proposal, kind, at)
);

GRANT SELECT, INSERT ON risk.proposal, risk.proposal_paper TO anfu_app;
GRANT UPDATE (state, decided_by, decided_at) ON risk.proposal TO anfu_app;

CREATE TRIGGER proposal_paper_is_append_only BEFORE UPDATE OR DELETE ON risk.proposal_paper
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

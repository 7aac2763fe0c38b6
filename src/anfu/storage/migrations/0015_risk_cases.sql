-- The policy cases are worked by: every version that was ever in force, the latest last.
CREATE TABLE risk.case_policy (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  text COLLATE "C" NOT NULL CHECK (version ~ '^[0-9a-f]{16}$'),
    at       timestamptz NOT NULL,
    proposal text COLLATE "C",
    body     bytea NOT NULL,
    CHECK (version = left(encode(sha256(body), 'hex'), 16))
);

-- What a person must look at. Amounts in minor units: `amount` of everything that was held or asked
-- about, `at_stake` of what still waits for a verdict and would move money. `holder` is the id of an
-- API key. `next_at` is when the next level of escalation is reached, unless somebody responds.
CREATE TABLE risk.case (
    id           text COLLATE "C" PRIMARY KEY,
    opened_at    timestamptz NOT NULL,
    policy       text COLLATE "C" NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    state        text NOT NULL CHECK (state IN ('OPEN', 'CLAIMED', 'CONFIRMING', 'CLOSED')),
    grade        text NOT NULL CHECK (grade IN ('LOW', 'MIDDLE', 'GENERAL', 'HIGH')),
    score        smallint NOT NULL CHECK (score BETWEEN 0 AND 1000),
    amount       bigint NOT NULL CHECK (amount >= 0),
    at_stake     bigint NOT NULL CHECK (at_stake BETWEEN 0 AND amount),
    count        integer NOT NULL CHECK (count > 0),
    revision     integer NOT NULL DEFAULT 1,
    queue        text COLLATE "C" NOT NULL,
    holder       text COLLATE "C",
    due_at       timestamptz NOT NULL,
    waiting_at   timestamptz NOT NULL,
    responded_at timestamptz,
    level        smallint NOT NULL DEFAULT 0,
    next_at      timestamptz,
    closed_at    timestamptz,
    reopened     integer NOT NULL DEFAULT 0,
    -- grade first, then the order of magnitude at stake, then tenths of the score
    priority     smallint NOT NULL GENERATED ALWAYS AS (
        CASE grade WHEN 'HIGH' THEN 3000 WHEN 'GENERAL' THEN 2000 WHEN 'MIDDLE' THEN 1000 ELSE 0 END
        + CASE WHEN at_stake = 0 THEN 0 ELSE 10 * length(at_stake::text) END
        + least(9, score / 100)) STORED,
    CHECK (state <> 'CLAIMED' OR holder IS NOT NULL),
    CHECK (state NOT IN ('OPEN', 'CLOSED') OR holder IS NULL),
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK (state <> 'CLOSED' OR next_at IS NULL)
);
CREATE INDEX case_queue ON risk.case (priority DESC, opened_at, id) WHERE state <> 'CLOSED';
CREATE INDEX case_closed ON risk.case (priority DESC, opened_at, id) WHERE state = 'CLOSED';
CREATE INDEX case_holder ON risk.case (holder) WHERE holder IS NOT NULL;
CREATE INDEX case_next ON risk.case (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX case_opened ON risk.case (opened_at);

-- A decision a case is about; `event` is the id of our payment, or the caller's of what its own
-- switch will do. `held`: a payment of ours waits for it. `fate` is the state a payment ended in
-- when it waits no more (BLOCKED: it never waited and is looked at for quality).
CREATE TABLE risk.case_item (
    decision   text COLLATE "C" PRIMARY KEY,
    case_id    text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    event      text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    grade      text NOT NULL,
    score      smallint NOT NULL,
    held       boolean NOT NULL,
    fate       text,
    verdict    text CHECK (verdict IN ('RELEASE', 'REJECT')),
    reason     text,
    decided_by text COLLATE "C",
    decided_at timestamptz,
    CHECK ((verdict IS NULL) = (decided_at IS NULL)),
    CHECK (NOT held OR fate IS NULL)
);
CREATE INDEX case_item_case ON risk.case_item (case_id, decision);
CREATE INDEX case_item_event ON risk.case_item (event);
CREATE INDEX case_item_decided ON risk.case_item (decided_at) WHERE held AND verdict IS NOT NULL;

-- What ties decisions together: `kind` is an input (payer, device, ...), `value` its value.
CREATE TABLE risk.case_link (
    kind    text NOT NULL,
    value   text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    at      timestamptz NOT NULL,
    PRIMARY KEY (kind, value, case_id)
);
CREATE INDEX case_link_at ON risk.case_link (kind, value, at);
CREATE INDEX case_link_case ON risk.case_link (case_id);

-- What a person said of a case. Above an amount it takes a second person, and never the same one.
CREATE TABLE risk.case_voice (
    id        text COLLATE "C" PRIMARY KEY,
    case_id   text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    at        timestamptz NOT NULL,
    by        text COLLATE "C" NOT NULL,
    verdict   text NOT NULL CHECK (verdict IN ('RELEASE', 'REJECT')),
    reason    text NOT NULL,
    decisions text[] NOT NULL CHECK (cardinality(decisions) > 0),
    two       boolean NOT NULL,
    state     text NOT NULL CHECK (state IN ('SAID', 'FINAL', 'DECLINED', 'WITHDRAWN')),
    second    text COLLATE "C",
    second_at timestamptz,
    CHECK ((second IS NULL) = (second_at IS NULL)),
    CHECK (state <> 'FINAL' OR two = (second IS NOT NULL)),
    CHECK (state <> 'SAID' OR (two AND second IS NULL)),
    CHECK (state <> 'WITHDRAWN' OR second = by),
    CHECK (state NOT IN ('FINAL', 'DECLINED') OR second IS NULL OR second <> by),
    CHECK (state <> 'DECLINED' OR second IS NOT NULL)
);
CREATE UNIQUE INDEX case_voice_said ON risk.case_voice (case_id) WHERE state = 'SAID';
CREATE INDEX case_voice_case ON risk.case_voice (case_id, id);

-- Free text may be personal data: sealed here, by its digest in the evidence.
CREATE TABLE risk.case_note (
    id      text COLLATE "C" PRIMARY KEY,
    case_id text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    at      timestamptz NOT NULL,
    by      text COLLATE "C" NOT NULL,
    sealed  bytea NOT NULL,
    digest  bytea NOT NULL CHECK (octet_length(digest) = 32)
);
CREATE INDEX case_note_case ON risk.case_note (case_id, id);

-- What was done with a case, in its order; `detail` is canonical JSON.
CREATE TABLE risk.case_act (
    case_id text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    seq     bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL,
    kind    text NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]*$'),
    by      text COLLATE "C",
    detail  text NOT NULL,
    PRIMARY KEY (case_id, seq)
);

GRANT SELECT, INSERT ON risk.case_policy, risk.case, risk.case_item, risk.case_link,
    risk.case_voice, risk.case_note, risk.case_act TO anfu_app;
GRANT UPDATE (state, grade, score, amount, at_stake, count, revision, queue, holder, due_at,
    waiting_at, responded_at, level, next_at, closed_at, reopened) ON risk.case TO anfu_app;
GRANT UPDATE (held, fate, verdict, reason, decided_by, decided_at) ON risk.case_item TO anfu_app;
GRANT UPDATE (at) ON risk.case_link TO anfu_app;
GRANT UPDATE (state, second, second_at) ON risk.case_voice TO anfu_app;
GRANT UPDATE (sealed) ON risk.case_note TO anfu_app;

CREATE TRIGGER case_policy_is_append_only BEFORE UPDATE OR DELETE ON risk.case_policy
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER case_act_is_append_only BEFORE UPDATE OR DELETE ON risk.case_act
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- A rule as somebody wrote it. Nothing acts on a draft; each version stays.
CREATE TABLE risk.rule_draft (
    rule    text COLLATE "C" NOT NULL CHECK (rule ~ '^[a-z][a-z0-9_]{1,63}$'),
    version integer NOT NULL CHECK (version > 0),
    body    bytea NOT NULL,
    author  text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (rule, version)
);

-- Which rule set was in force since when, and by which proposal; the last step speaks. The first
-- one is the shipped set.
CREATE TABLE risk.rule_set_step (
    step     bigint PRIMARY KEY CHECK (step > 0),
    rule_set text COLLATE "C" NOT NULL REFERENCES risk.rule_set (version),
    proposal text COLLATE "C" UNIQUE REFERENCES risk.proposal (id),
    at       timestamptz NOT NULL,
    CHECK ((step = 1) = (proposal IS NULL))
);

-- What a step did to a rule: its life, one row a move.
CREATE TABLE risk.rule_move (
    rule    text COLLATE "C" NOT NULL,
    step    bigint NOT NULL REFERENCES risk.rule_set_step (step),
    state   text NOT NULL CHECK (state IN ('SHADOW', 'LIVE', 'RETIRED')),
    rollout smallint NOT NULL CHECK (rollout BETWEEN 0 AND 100),
    body    bytea NOT NULL,
    PRIMARY KEY (rule, step)
);

-- No step without a proposal of rules that was approved, and none left out, whoever asks.
CREATE FUNCTION risk.check_rule_set_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.step <> (SELECT coalesce(max(step), 0) + 1 FROM risk.rule_set_step) THEN
        RAISE EXCEPTION 'step % does not follow', NEW.step USING ERRCODE = 'unique_violation';
    END IF;
    IF NEW.step > 1 AND NOT EXISTS (
        SELECT FROM risk.proposal
        WHERE id = NEW.proposal AND subject = 'RULES' AND state = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'no approved proposal' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_set_step_follows BEFORE INSERT ON risk.rule_set_step
    FOR EACH ROW EXECUTE FUNCTION risk.check_rule_set_step();

GRANT SELECT, INSERT ON risk.rule_draft, risk.rule_set_step, risk.rule_move TO anfu_app;

CREATE TRIGGER rule_draft_is_append_only BEFORE UPDATE OR DELETE ON risk.rule_draft
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER rule_set_step_is_append_only BEFORE UPDATE OR DELETE ON risk.rule_set_step
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER rule_move_is_append_only BEFORE UPDATE OR DELETE ON risk.rule_move
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- What was proposed never changes, and what was decided on is decided, for the owner of the tables
-- too.
CREATE FUNCTION risk.check_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'OPEN' OR
        (NEW.id, NEW.subject, NEW.target, NEW.body, NEW.author, NEW.created_at) IS DISTINCT FROM
        (OLD.id, OLD.subject, OLD.target, OLD.body, OLD.author, OLD.created_at)
    THEN
        RAISE EXCEPTION 'a proposal is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_is_decided_once BEFORE UPDATE OR DELETE ON risk.proposal
    FOR EACH ROW EXECUTE FUNCTION risk.check_proposal();

-- The institution's targets as the worker has last drawn them up, one row a currency; the body is
-- JSON, the figures of operations/targets/sheet.py.
CREATE TABLE operations.sheet (
    currency text COLLATE "C" PRIMARY KEY,
    drawn_at timestamptz NOT NULL,
    body     bytea NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON operations.sheet TO anfu_app;

-- Few customers stand otherwise than ACTIVE, and few decisions say otherwise than ALLOW: what is
-- looked for among them is found without walking through all.
CREATE INDEX customer_status ON parties.customer (status, id) WHERE status <> 'ACTIVE';
CREATE INDEX decision_outcome ON risk.decision (outcome, id) WHERE outcome <> 'ALLOW';

-- How cases of a period were answered, from the index alone.
DROP INDEX risk.case_opened;
CREATE INDEX case_opened ON risk.case (opened_at) INCLUDE (due_at, responded_at);

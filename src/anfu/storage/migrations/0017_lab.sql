CREATE SCHEMA lab;
GRANT USAGE ON SCHEMA lab TO anfu_app;

-- A back-test somebody asked for and what came of it. wish, figures: canonical JSON. A worker that
-- has taken one renews taken_until while it is at work; another one takes it up after that.
CREATE TABLE lab.backtest (
    id          text COLLATE "C" PRIMARY KEY,
    created_at  timestamptz NOT NULL,
    author      text COLLATE "C" NOT NULL,
    wish        bytea NOT NULL,
    proposal    text COLLATE "C",
    state       text NOT NULL DEFAULT 'WAITING'
        CHECK (state IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')),
    attempts    integer NOT NULL DEFAULT 0,
    taken_until timestamptz,
    finished_at timestamptz,
    figures     bytea,
    problem     text,
    CHECK ((state = 'RUNNING') = (taken_until IS NOT NULL)),
    CHECK ((state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)),
    CHECK ((state = 'DONE') = (figures IS NOT NULL)),
    CHECK (state <> 'FAILED' OR problem IS NOT NULL)
);
CREATE INDEX backtest_open ON lab.backtest (id) WHERE state IN ('WAITING', 'RUNNING');
GRANT SELECT, INSERT ON lab.backtest TO anfu_app;
GRANT UPDATE (state, attempts, taken_until, finished_at, figures, problem) ON lab.backtest
    TO anfu_app;

-- The institution's targets as the worker has last drawn them up, one row a currency; the body is
-- JSON, the figures of operations/targets/sheet.py.
CREATE TABLE operations.sheet (
    currency text COLLATE "C" PRIMARY KEY,
    drawn_at timestamptz NOT NULL,
    body     bytea NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON operations.sheet TO anfu_app;

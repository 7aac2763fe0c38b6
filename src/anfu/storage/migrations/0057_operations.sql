CREATE SCHEMA operations;
GRANT USAGE ON SCHEMA operations TO anfu_app;

-- Payments made in a minute (span_s 60) or an hour (3600), as they stand: how many, their sum in
-- minor units, and how many of them were followed by another try at the same order.
CREATE TABLE operations.bucket (
    span_s   integer NOT NULL CHECK (span_s IN (60, 3600)),
    at       timestamptz NOT NULL,
    currency text COLLATE "C" NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    state    text COLLATE "C" NOT NULL,
    count    bigint NOT NULL CHECK (count > 0),
    amount   numeric(30) NOT NULL,
    retried  bigint NOT NULL,
    PRIMARY KEY (span_s, at, currency, channel, state)
);
GRANT SELECT, INSERT, DELETE ON operations.bucket TO anfu_app;

-- Why: reasons of decisions, failures at networks, rules of limits.
CREATE TABLE operations.reason (
    span_s integer NOT NULL CHECK (span_s IN (60, 3600)),
    at     timestamptz NOT NULL,
    kind   text NOT NULL CHECK (kind IN ('DECISION', 'FAILURE', 'REFUSAL')),
    code   text COLLATE "C" NOT NULL,
    count  bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (span_s, at, kind, code)
);
GRANT SELECT, INSERT, DELETE ON operations.reason TO anfu_app;

-- Up to when payments are counted: one row, locked by whoever counts.
CREATE TABLE operations.counted (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz
);
INSERT INTO operations.counted (until) VALUES (NULL);
GRANT SELECT, UPDATE (until) ON operations.counted TO anfu_app;

-- What callers asked and were answered: a help for who integrates, kept for some days and no
-- evidence. Neither bodies nor queries; of a path our own ids alone.
CREATE TABLE parties.request (
    id              text COLLATE "C" PRIMARY KEY,
    at              timestamptz NOT NULL,
    method          text NOT NULL,
    path            text NOT NULL,
    operation       text COLLATE "C" NOT NULL,
    status          smallint NOT NULL,
    code            text COLLATE "C",
    duration_us     integer NOT NULL,
    caller          text COLLATE "C",
    person          text COLLATE "C",
    address         text NOT NULL,
    idempotency_key text
);
CREATE INDEX request_caller ON parties.request (caller, id) WHERE caller IS NOT NULL;
CREATE INDEX request_failed ON parties.request (id) WHERE status >= 400;
GRANT SELECT, INSERT, DELETE ON parties.request TO anfu_app;

-- How many more there were in a second than are written down.
CREATE TABLE parties.request_gap (
    at       timestamptz NOT NULL,
    unlogged integer NOT NULL CHECK (unlogged > 0)
);
CREATE INDEX request_gap_at ON parties.request_gap (at);
GRANT SELECT, INSERT, DELETE ON parties.request_gap TO anfu_app;

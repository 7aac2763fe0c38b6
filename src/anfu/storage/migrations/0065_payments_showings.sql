-- While it lasts a customer's device shows codes of ours, by which merchants take payments. Codes up
-- to number `spent` are over: one was paid with.
CREATE TABLE payments.showing (
    id          text COLLATE "C" PRIMARY KEY,
    customer    text COLLATE "C" NOT NULL,
    method      text COLLATE "C" NOT NULL,
    card        text COLLATE "C",
    debit       text COLLATE "C",
    verified_by text COLLATE "C",
    factors     text[] NOT NULL,
    session     text COLLATE "C",
    issued      smallint NOT NULL DEFAULT 0 CHECK (issued BETWEEN 0 AND 60),
    spent       smallint NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND issued),
    opened_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at > opened_at)
);
CREATE INDEX showing_customer ON payments.showing (customer);
CREATE INDEX showing_opened ON payments.showing (opened_at);
GRANT SELECT, INSERT, DELETE, UPDATE (issued, spent) ON payments.showing TO anfu_app;

-- A code under a keyed hash; `payment`: what was paid with it.
CREATE TABLE payments.shown_code (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    showing    text COLLATE "C" NOT NULL REFERENCES payments.showing (id) ON DELETE CASCADE,
    number     smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    payment    text COLLATE "C" UNIQUE,
    UNIQUE (showing, number)
);
GRANT SELECT, INSERT, DELETE, UPDATE (payment) ON payments.shown_code TO anfu_app;

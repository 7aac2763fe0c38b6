-- Access of staff: accounts, sessions, attempts to sign in. What staff prove with is kept by the
-- room of authentication, under the id of the account.

-- invitation_hash: SHA-256 of the one-time link, until it is used.
CREATE TABLE parties.staff (
    id               text COLLATE "C" PRIMARY KEY,
    login            text COLLATE "C" NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{1,62}$'),
    name             text NOT NULL CHECK (name <> ''),
    roles            text[] NOT NULL CHECK (cardinality(roles) > 0),
    state            text NOT NULL CHECK (state IN ('INVITED', 'WAITING', 'ACTIVE', 'DISABLED')),
    invited_by       text COLLATE "C" NOT NULL,
    invitation_hash  bytea UNIQUE CHECK (octet_length(invitation_hash) = 32),
    invitation_until timestamptz,
    created_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    CHECK ((invitation_hash IS NULL) = (invitation_until IS NULL)),
    CHECK (invitation_hash IS NULL OR state = 'INVITED')
);
GRANT SELECT, INSERT,
    UPDATE (roles, state, invitation_hash, invitation_until, changed_at) ON parties.staff TO anfu_app;

-- The token is kept as its SHA-256 alone. old_hash: the token before the last rotation, good until
-- old_until for requests that were on their way; seen after that, it was stolen.
CREATE TABLE parties.staff_session (
    id         text COLLATE "C" PRIMARY KEY,
    staff_id   text COLLATE "C" NOT NULL REFERENCES parties.staff (id),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    old_hash   bytea UNIQUE CHECK (octet_length(old_hash) = 32),
    old_until  timestamptz,
    address    text NOT NULL,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_why  text CHECK (ended_why ~ '^[A-Z][A-Z_]*$'),
    CHECK ((old_hash IS NULL) = (old_until IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE INDEX staff_session_open ON parties.staff_session (staff_id) WHERE ended_at IS NULL;
GRANT SELECT, INSERT,
    UPDATE (token_hash, old_hash, old_until, rotated_at, seen_at, ended_at, ended_why)
    ON parties.staff_session TO anfu_app;

CREATE FUNCTION parties.refuse_second_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'session % has ended', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER a_session_that_ended_stays_ended BEFORE UPDATE ON parties.staff_session
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION parties.refuse_second_life();

-- Attempts that did not end in a session. account is a keyed hash of the login that was given,
-- whether there is such an account or not.
CREATE TABLE parties.sign_in_attempt (
    id      text COLLATE "C" PRIMARY KEY,
    account bytea NOT NULL CHECK (octet_length(account) = 32),
    address text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_account ON parties.sign_in_attempt (account, at);
CREATE INDEX sign_in_attempt_address ON parties.sign_in_attempt (address, at);
GRANT SELECT, INSERT, DELETE ON parties.sign_in_attempt TO anfu_app;

-- Tickets of sign-in that were used: an assertion of a passkey is good once.
CREATE TABLE parties.sign_in_spent (
    ticket text COLLATE "C" PRIMARY KEY,
    at     timestamptz NOT NULL
);
CREATE INDEX sign_in_spent_at ON parties.sign_in_spent (at);
GRANT SELECT, INSERT, DELETE ON parties.sign_in_spent TO anfu_app;

-- staff_id: the account the key belongs to; it acts as that person and ends with the account.
-- person: who stands behind the key where two people are needed: its account, or whoever had the
-- key made, or the key itself when it was made at the command line.
ALTER TABLE parties.api_key
    ADD COLUMN staff_id text COLLATE "C" REFERENCES parties.staff (id),
    ADD COLUMN person   text COLLATE "C";
UPDATE parties.api_key SET person = id;
ALTER TABLE parties.api_key
    ALTER COLUMN person SET NOT NULL,
    ADD CHECK (staff_id IS NULL OR (person = staff_id AND merchant_id IS NULL));
CREATE INDEX api_key_staff ON parties.api_key (staff_id) WHERE staff_id IS NOT NULL;

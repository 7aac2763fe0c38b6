-- Authentication: one-time codes, bound to what they confirm.
CREATE SCHEMA authentication;
GRANT USAGE ON SCHEMA authentication TO anfu_app;

-- link: SHA-256 of payment, payee, amount and currency. code_hash: keyed; the code is nowhere.
CREATE TABLE authentication.challenge (
    id            text COLLATE "C" PRIMARY KEY,
    customer      text COLLATE "C" NOT NULL,
    payment       text COLLATE "C" NOT NULL,
    factor        text NOT NULL CHECK (factor = 'sms_code'),
    link          bytea NOT NULL CHECK (octet_length(link) = 32),
    code_hash     bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    state         text NOT NULL DEFAULT 'OPEN'
                  CHECK (state IN ('OPEN', 'MET', 'FAILED', 'EXPIRED', 'CANCELLED')),
    attempts_left smallint NOT NULL CHECK (attempts_left BETWEEN 0 AND 5),
    opened_at     timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > opened_at),
    ended_at      timestamptz,
    CHECK ((state = 'OPEN') = (ended_at IS NULL)),
    CHECK (state <> 'OPEN' OR attempts_left > 0)
);
CREATE INDEX challenge_payment ON authentication.challenge (payment);
-- A payment waits for one code at a time: two open codes would be twice the guesses.
CREATE UNIQUE INDEX challenge_open ON authentication.challenge (payment) WHERE state = 'OPEN';
GRANT SELECT, INSERT, UPDATE (state, attempts_left, ended_at) ON authentication.challenge
    TO anfu_app;

CREATE FUNCTION authentication.refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'challenge % has ended as %', OLD.id, OLD.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER an_ended_challenge_stays_ended BEFORE UPDATE ON authentication.challenge
    FOR EACH ROW WHEN (OLD.state <> 'OPEN' OR NEW.attempts_left > OLD.attempts_left)
    EXECUTE FUNCTION authentication.refuse_reopening();

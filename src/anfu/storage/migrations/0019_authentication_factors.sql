-- Factors: what customers enrolled to prove with, and challenges that more than a code can meet.

-- verifier: the public key, or the Argon2id hash; empty where the seed is derived. counter: of the
-- last code or signature that was accepted. usable_from: the end of the cooling-off.
CREATE TABLE authentication.factor (
    id           text COLLATE "C" PRIMARY KEY,
    customer     text COLLATE "C" NOT NULL,
    kind         text NOT NULL
                 CHECK (kind IN ('password', 'totp', 'hotp', 'passkey', 'device_key', 'face')),
    label        text NOT NULL,
    state        text NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'LOST', 'REMOVED')),
    handle       text COLLATE "C" UNIQUE,
    verifier     bytea NOT NULL DEFAULT '',
    counter      bigint NOT NULL DEFAULT -1,
    failures     smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz,
    created_at   timestamptz NOT NULL,
    usable_from  timestamptz,
    ended_at     timestamptz,
    CHECK (state <> 'ACTIVE' OR usable_from IS NOT NULL),
    CHECK ((state IN ('LOST', 'REMOVED')) = (ended_at IS NOT NULL))
);
CREATE INDEX factor_customer ON authentication.factor (customer, kind);
-- Two passwords would be twice the guesses.
CREATE UNIQUE INDEX factor_one_password ON authentication.factor (customer)
    WHERE kind = 'password' AND state = 'ACTIVE';
GRANT SELECT, INSERT,
    UPDATE (state, handle, verifier, counter, failures, locked_until, usable_from, ended_at)
    ON authentication.factor TO anfu_app;

CREATE FUNCTION authentication.refuse_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'factor % is % and its counter is %', OLD.id, OLD.state, OLD.counter
        USING ERRCODE = 'restrict_violation';
END $$;
-- An ended factor stays ended; a counter that went back would make a used code good again.
CREATE TRIGGER a_factor_never_goes_back BEFORE UPDATE ON authentication.factor
    FOR EACH ROW WHEN (OLD.state IN ('LOST', 'REMOVED') OR NEW.counter < OLD.counter)
    EXECUTE FUNCTION authentication.refuse_return();

-- Codes sent, for the rates: number is a token of the telephone, never the number.
CREATE TABLE authentication.code_sent (
    challenge text COLLATE "C" NOT NULL,
    number    text COLLATE "C" NOT NULL,
    address   text,
    device    text,
    at        timestamptz NOT NULL
);
CREATE INDEX code_sent_number ON authentication.code_sent (number, at);
CREATE INDEX code_sent_address ON authentication.code_sent (address, at)
    WHERE address IS NOT NULL;
CREATE INDEX code_sent_device ON authentication.code_sent (device, at) WHERE device IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON authentication.code_sent TO anfu_app;

-- ways: canonical JSON, sets of factors each enough by itself. code_hash is empty until a code is
-- sent.
ALTER TABLE authentication.challenge
    DROP COLUMN factor,
    ALTER COLUMN code_hash DROP NOT NULL,
    ADD COLUMN ways text NOT NULL DEFAULT '[["sms_code"]]',
    ADD COLUMN proven text[] NOT NULL DEFAULT '{}',
    ADD COLUMN device text,
    ADD COLUMN codes_sent smallint NOT NULL DEFAULT 1 CHECK (codes_sent BETWEEN 0 AND 3);
ALTER TABLE authentication.challenge
    ALTER COLUMN ways DROP DEFAULT,
    ALTER COLUMN codes_sent DROP DEFAULT;
GRANT UPDATE (proven, code_hash, codes_sent) ON authentication.challenge TO anfu_app;

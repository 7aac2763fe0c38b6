-- Devices: what pays. A device is known by keys that cannot leave it, and by its traits when a key
-- was lost; traits and addresses are kept as digests and as the network saw them, names never.
CREATE TABLE parties.device (
    id           text COLLATE "C" PRIMARY KEY,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    traits       jsonb NOT NULL,
    blocks       text[] NOT NULL,
    latitude     double precision,
    longitude    double precision,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX device_blocks ON parties.device USING gin (blocks);
GRANT SELECT, INSERT, UPDATE (last_seen_at, traits, blocks, latitude, longitude)
    ON parties.device TO anfu_app;

-- A key found by likeness alone proves nothing until the device is bound with it.
CREATE TABLE parties.device_key (
    thumbprint text COLLATE "C" PRIMARY KEY CHECK (thumbprint ~ '^[0-9a-f]{64}$'),
    device     text COLLATE "C" NOT NULL REFERENCES parties.device (id),
    trust      text COLLATE "C" NOT NULL CHECK (trust IN ('FOUNDING', 'ALIKE', 'CONFIRMED')),
    created_at timestamptz NOT NULL
);
CREATE INDEX device_key_device ON parties.device_key (device);
GRANT SELECT, INSERT, UPDATE (trust) ON parties.device_key TO anfu_app;

-- payer: a customer's id, or the name another switch has for its payer.
CREATE TABLE parties.device_tie (
    device     text COLLATE "C" NOT NULL REFERENCES parties.device (id),
    payer      text COLLATE "C" NOT NULL CHECK (payer <> ''),
    state      text COLLATE "C" NOT NULL CHECK (state IN ('SEEN', 'BOUND', 'REVOKED')),
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    moved_at   timestamptz NOT NULL,
    PRIMARY KEY (device, payer)
);
CREATE INDEX device_tie_payer ON parties.device_tie (payer, device);
GRANT SELECT, INSERT, UPDATE (state, last_at, moved_at) ON parties.device_tie TO anfu_app;

CREATE TABLE parties.device_tie_move (
    device   text COLLATE "C" NOT NULL,
    payer    text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL,
    state    text COLLATE "C" NOT NULL,
    by_key   text COLLATE "C" NOT NULL,
    session  text COLLATE "C",
    FOREIGN KEY (device, payer) REFERENCES parties.device_tie (device, payer)
);
CREATE INDEX device_tie_move_device ON parties.device_tie_move (device, payer, at);
GRANT SELECT, INSERT ON parties.device_tie_move TO anfu_app;
CREATE TRIGGER device_tie_move_is_append_only BEFORE UPDATE OR DELETE ON parties.device_tie_move
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- A nonce is given out once and answered once: this is the replay table.
CREATE TABLE parties.device_session (
    id          text COLLATE "C" PRIMARY KEY,
    nonce       bytea NOT NULL UNIQUE CHECK (octet_length(nonce) = 32),
    merchant_id text COLLATE "C" REFERENCES parties.merchant (id),
    payer       text COLLATE "C" CHECK (payer <> ''),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'PROFILED', 'REJECTED')),
    created_at  timestamptz NOT NULL,
    profiled_at timestamptz,
    address     text,
    device      text COLLATE "C" REFERENCES parties.device (id),
    thumbprint  text COLLATE "C",
    standing    text COLLATE "C" CHECK (standing IN ('PROVEN', 'ALIKE', 'NEW', 'REJECTED')),
    signals     text[] NOT NULL DEFAULT '{}',
    latitude    double precision,
    longitude   double precision,
    CHECK ((state = 'OPEN') = (standing IS NULL)),
    CHECK ((state = 'OPEN') = (profiled_at IS NULL)),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX device_session_device ON parties.device_session (device) WHERE device IS NOT NULL;
GRANT SELECT, INSERT,
    UPDATE (state, profiled_at, address, device, thumbprint, standing, signals, latitude, longitude)
    ON parties.device_session TO anfu_app;

-- API keys that are bound to networks, that sign with a nonce, and whose private half we never had.

-- networks: from where the key may be used, in CIDR form; empty for everywhere. public_key: Ed25519,
-- in place of a secret. nonces: a request without a nonce is refused.
ALTER TABLE parties.api_key
    ADD COLUMN networks   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN public_key bytea CHECK (octet_length(public_key) = 32),
    ADD COLUMN nonces     boolean NOT NULL DEFAULT false,
    ALTER COLUMN secret_hash DROP NOT NULL,
    ALTER COLUMN sealed DROP NOT NULL,
    ADD CHECK ((public_key IS NULL) = (secret_hash IS NOT NULL)),
    ADD CHECK ((secret_hash IS NULL) = (sealed IS NULL)),
    ADD CHECK (public_key IS NULL OR nonces);
GRANT UPDATE (networks) ON parties.api_key TO anfu_app;

-- Nonces of the last minutes: a request that was captured is not good again.
CREATE TABLE parties.request_nonce (
    key_id text COLLATE "C" NOT NULL,
    nonce  text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX request_nonce_at ON parties.request_nonce (at);
GRANT SELECT, INSERT, DELETE ON parties.request_nonce TO anfu_app;

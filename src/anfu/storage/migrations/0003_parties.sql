CREATE SCHEMA parties;
GRANT USAGE ON SCHEMA parties TO anfu_app;

CREATE TABLE parties.merchant (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    mcc        text COLLATE "C" CHECK (mcc ~ '^[0-9]{4}$'),
    status     text COLLATE "C" NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE (status) ON parties.merchant TO anfu_app;

-- sealed: version, nonce, AES-256-GCM of the personal data; the id is the associated data.
-- The indexes are HMACs: they find a value that is known, and tell nothing of one that is not.
CREATE TABLE parties.customer (
    id             text COLLATE "C" PRIMARY KEY,
    account_class  smallint NOT NULL CHECK (account_class IN (1, 2, 3)),
    status         text COLLATE "C" NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    opened_by      text COLLATE "C" REFERENCES parties.merchant (id),
    reference      text,
    created_at     timestamptz NOT NULL,
    sealed         bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    phone_index    bytea NOT NULL CHECK (octet_length(phone_index) = 32),
    document_index bytea NOT NULL CHECK (octet_length(document_index) = 32)
);
-- One customer, one identity (43号 art. 6).
CREATE UNIQUE INDEX customer_document ON parties.customer (document_index);
CREATE INDEX customer_phone ON parties.customer (phone_index);
CREATE INDEX customer_opened_by ON parties.customer (opened_by, id) WHERE opened_by IS NOT NULL;
GRANT SELECT, INSERT, UPDATE (account_class, status, sealed) ON parties.customer TO anfu_app;

-- merchant_id NULL is the institution. sealed holds the key that signs requests; the secret it
-- comes from is kept as a hash only.
CREATE TABLE parties.api_key (
    id          text COLLATE "C" PRIMARY KEY,
    merchant_id text COLLATE "C" REFERENCES parties.merchant (id),
    label       text NOT NULL CHECK (label <> ''),
    scopes      text[] NOT NULL CHECK (cardinality(scopes) > 0),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    sealed      bytea NOT NULL CHECK (octet_length(sealed) = 61),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    rotated_at  timestamptz,
    CHECK (rotated_at IS NULL OR expires_at IS NOT NULL)
);
CREATE INDEX api_key_merchant ON parties.api_key (merchant_id, id);
GRANT SELECT, INSERT, UPDATE (expires_at, revoked_at, rotated_at, sealed)
    ON parties.api_key TO anfu_app;

-- While old_until has not come, both secrets sign.
CREATE TABLE parties.webhook_endpoint (
    id          text COLLATE "C" PRIMARY KEY,
    merchant_id text COLLATE "C" NOT NULL REFERENCES parties.merchant (id),
    url         text NOT NULL CHECK (length(url) <= 2000),
    status      text COLLATE "C" NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    created_at  timestamptz NOT NULL,
    sealed      bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    old_sealed  bytea CHECK (octet_length(old_sealed) >= 29),
    old_until   timestamptz,
    CHECK ((old_sealed IS NULL) = (old_until IS NULL))
);
CREATE INDEX webhook_endpoint_merchant ON parties.webhook_endpoint (merchant_id, id);
GRANT SELECT, INSERT, UPDATE (status, sealed, old_sealed, old_until)
    ON parties.webhook_endpoint TO anfu_app;

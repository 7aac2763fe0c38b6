-- The role the application works with. It owns nothing; each room grants it what it needs.
DO $$
BEGIN
    CREATE ROLE anfu_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT anfu_app TO CURRENT_USER;

CREATE SCHEMA storage;
GRANT USAGE ON SCHEMA storage TO anfu_app;

CREATE TABLE storage.migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON storage.migration TO anfu_app;

-- Refuses every change of a row that must stay as it was written, whoever asks.
CREATE FUNCTION storage.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

-- What a caller was answered under a key. status and body are NULL while the answer is not known.
CREATE TABLE storage.idempotency (
    caller  text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    content bytea NOT NULL CHECK (octet_length(content) = 32),
    at      timestamptz NOT NULL,
    status  smallint,
    body    bytea,
    PRIMARY KEY (caller, key),
    CHECK ((status IS NULL) = (body IS NULL))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON storage.idempotency TO anfu_app;

-- What happened, in the words we tell others.
CREATE TABLE storage.event (
    id        text COLLATE "C" PRIMARY KEY,
    kind      text NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    owner     text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    body      bytea NOT NULL
);
CREATE INDEX event_owner ON storage.event (owner, id);
GRANT SELECT, INSERT ON storage.event TO anfu_app;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON storage.event
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER event_is_not_emptied BEFORE TRUNCATE ON storage.event
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- An event on its way to one endpoint: the outbox. seq is the order within (endpoint, object).
CREATE TABLE storage.delivery (
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    id          text COLLATE "C" PRIMARY KEY,
    event_id    text COLLATE "C" NOT NULL,
    object_id   text COLLATE "C" NOT NULL,
    endpoint_id text COLLATE "C" NOT NULL,
    owner       text COLLATE "C" NOT NULL,
    state       text NOT NULL CHECK (state IN ('WAITING', 'DELIVERED', 'DEAD')),
    attempts    integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at     timestamptz NOT NULL,
    answered    smallint CHECK (answered BETWEEN 100 AND 999),
    last_error  text CHECK (char_length(last_error) <= 200),
    finished_at timestamptz,
    CHECK ((state = 'WAITING') = (finished_at IS NULL))
);
CREATE INDEX delivery_due ON storage.delivery (next_at, seq) WHERE state = 'WAITING';
CREATE INDEX delivery_order ON storage.delivery (endpoint_id, object_id, seq) WHERE state = 'WAITING';
CREATE INDEX delivery_owner ON storage.delivery (owner, id);
GRANT SELECT, INSERT ON storage.delivery TO anfu_app;
GRANT UPDATE (state, attempts, next_at, answered, last_error, finished_at)
    ON storage.delivery TO anfu_app;

-- Lists: values that are trusted or barred. A change is written first (its entries may be millions)
-- and comes into force by one row of `list_release`. Nothing is ever changed or deleted: what
-- stands on a list is the newest released word about each value.
CREATE TABLE risk.list_change (
    id         text COLLATE "C" PRIMARY KEY,
    list       text COLLATE "C" NOT NULL CHECK (list ~ '^[a-z][a-z0-9_]{1,47}$'),
    action     text NOT NULL CHECK (action IN ('DECLARE', 'ENTRIES')),
    body       bytea,
    tightens   integer NOT NULL CHECK (tightens >= 0),
    loosens    integer NOT NULL CHECK (loosens >= 0),
    digest     text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    reason     text NOT NULL CHECK (reason <> ''),
    author     text COLLATE "C" NOT NULL CHECK (author <> ''),
    created_at timestamptz NOT NULL,
    CHECK ((action = 'DECLARE') = (body IS NOT NULL))
);

CREATE TABLE risk.list_item (
    change     text COLLATE "C" NOT NULL REFERENCES risk.list_change (id)
        DEFERRABLE INITIALLY DEFERRED,  -- weight and digest are known when all items are written
    list       text COLLATE "C" NOT NULL,
    value      text COLLATE "C" NOT NULL CHECK (value <> ''),
    added      boolean NOT NULL,
    source     text NOT NULL,
    reason     text NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (change, value)
);
CREATE INDEX list_item_value ON risk.list_item (list, value);

-- Changes come into force one after the other: whoever takes the next version holds the counter
-- until it commits, so that a reader who knows version n never misses one below it.
CREATE TABLE risk.list_counter (
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    version bigint NOT NULL CHECK (version >= 0)
);
INSERT INTO risk.list_counter (version) VALUES (0);

CREATE TABLE risk.list_release (
    version  bigint PRIMARY KEY CHECK (version > 0),
    change   text COLLATE "C" NOT NULL UNIQUE REFERENCES risk.list_change (id),
    at       timestamptz NOT NULL,
    by       text COLLATE "C" NOT NULL,
    -- NULL: one person alone, as the policy of lists allows
    proposal text COLLATE "C" REFERENCES risk.proposal (id)
);

-- What is known of each feed: not history, which is in the changes it made.
CREATE TABLE risk.list_feed (
    list       text COLLATE "C" PRIMARY KEY,
    asked_at   timestamptz NOT NULL,
    serial     bigint,
    issued_at  timestamptz,
    etag       text,
    problem    text,
    proposal   text COLLATE "C" REFERENCES risk.proposal (id)
);

GRANT SELECT, INSERT ON risk.list_change, risk.list_item, risk.list_release TO anfu_app;
GRANT SELECT, UPDATE ON risk.list_counter TO anfu_app;
GRANT SELECT, INSERT, UPDATE ON risk.list_feed TO anfu_app;

CREATE TRIGGER list_change_is_append_only BEFORE UPDATE OR DELETE ON risk.list_change
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER list_item_is_append_only BEFORE UPDATE OR DELETE ON risk.list_item
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER list_release_is_append_only BEFORE UPDATE OR DELETE ON risk.list_release
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

CREATE SCHEMA evidence;
GRANT USAGE ON SCHEMA evidence TO anfu_app;

-- How many leaves there are. Its row lock makes commits follow the order of the indices, so that
-- whoever sees a size sees every leaf below it.
CREATE TABLE evidence.log (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL CHECK (size >= 0)
) WITH (fillfactor = 10);
INSERT INTO evidence.log (size) VALUES (0);
GRANT SELECT, UPDATE (size) ON evidence.log TO anfu_app;

-- What we knew, decided and saw. body is the hashed document; subject and at repeat a part of it.
CREATE TABLE evidence.leaf (
    index   bigint PRIMARY KEY CHECK (index >= 0),
    subject text COLLATE "C" NOT NULL CHECK (subject <> ''),
    at      timestamptz NOT NULL,
    body    bytea NOT NULL
);
-- Ids sort by time, so that new leaves go to a few warm pages at the end of each prefix.
CREATE INDEX leaf_subject ON evidence.leaf (subject);
GRANT SELECT, INSERT ON evidence.leaf TO anfu_app;
CREATE TRIGGER leaf_is_append_only BEFORE UPDATE OR DELETE ON evidence.leaf
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER leaf_is_never_emptied BEFORE TRUNCATE ON evidence.leaf
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- The tree, 256 hashes of 32 bytes to a tile. The last tile of a level is partial and grows.
CREATE TABLE evidence.tile (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL
        CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);
-- Hashes do not compress; trying costs more than all the rest of writing them.
ALTER TABLE evidence.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, UPDATE (hashes) ON evidence.tile TO anfu_app;

CREATE FUNCTION evidence.only_longer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.level <> OLD.level OR NEW.index <> OLD.index
        OR substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'a tile only grows at its end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tile_only_grows BEFORE UPDATE ON evidence.tile
    FOR EACH ROW EXECUTE FUNCTION evidence.only_longer();
CREATE TRIGGER tile_is_kept BEFORE DELETE ON evidence.tile
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER tile_is_never_emptied BEFORE TRUNCATE ON evidence.tile
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- Signed notes over the root of the tree, and the public key of who signed.
CREATE TABLE evidence.checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    at   timestamptz NOT NULL,
    key  text NOT NULL,
    note text NOT NULL
);
GRANT SELECT, INSERT ON evidence.checkpoint TO anfu_app;

CREATE FUNCTION evidence.never_shrinks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= (SELECT max(size) FROM evidence.checkpoint) THEN
        RAISE EXCEPTION 'a checkpoint never shrinks' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checkpoint_never_shrinks BEFORE INSERT ON evidence.checkpoint
    FOR EACH ROW EXECUTE FUNCTION evidence.never_shrinks();
CREATE TRIGGER checkpoint_is_append_only BEFORE UPDATE OR DELETE ON evidence.checkpoint
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER checkpoint_is_never_emptied BEFORE TRUNCATE ON evidence.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

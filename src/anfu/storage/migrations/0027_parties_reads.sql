-- Who read whose personal data, when and why (个人信息保护法 art. 51(3), 54; 网络安全法 art. 21(3)).
-- subjects: customers whose data were in the answer.
CREATE TABLE parties.access_log (
    id        text COLLATE "C" PRIMARY KEY,
    at        timestamptz NOT NULL,
    caller    text COLLATE "C" NOT NULL,
    person    text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    subjects  text[] NOT NULL CHECK (cardinality(subjects) > 0),
    why       text CHECK (length(why) BETWEEN 1 AND 200),
    address   text NOT NULL
);
CREATE INDEX access_log_person ON parties.access_log (person, id);
CREATE INDEX access_log_subject ON parties.access_log USING gin (subjects);
GRANT SELECT, INSERT ON parties.access_log TO anfu_app;
CREATE TRIGGER access_log_is_append_only BEFORE UPDATE OR DELETE ON parties.access_log
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER access_log_is_never_emptied BEFORE TRUNCATE ON parties.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- Face checks that were asked for, counted before the firm outside is asked. id: a hash over the
-- capture and what it answers; subject: a challenge, or a factor that is set up.
CREATE TABLE authentication.face_look (
    id      text COLLATE "C" PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX face_look_subject ON authentication.face_look (subject);
GRANT SELECT, INSERT, DELETE ON authentication.face_look TO anfu_app;

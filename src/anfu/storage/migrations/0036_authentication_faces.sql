-- Face checks: what the firm outside said. No image.

CREATE UNIQUE INDEX factor_one_face ON authentication.factor (customer)
    WHERE kind = 'face' AND state = 'ACTIVE';

-- reference: the firm's, of the check; score: likeness in thousandths. challenge is empty for the
-- check that a factor was confirmed by.
CREATE TABLE authentication.face_check (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    factor    text COLLATE "C" NOT NULL REFERENCES authentication.factor (id),
    challenge text COLLATE "C",
    reference text NOT NULL,
    passed    boolean NOT NULL,
    alive     boolean NOT NULL,
    score     smallint NOT NULL CHECK (score BETWEEN 0 AND 1000),
    at        timestamptz NOT NULL
);
CREATE INDEX face_check_factor ON authentication.face_check (factor);
GRANT SELECT, INSERT, DELETE ON authentication.face_check TO anfu_app;

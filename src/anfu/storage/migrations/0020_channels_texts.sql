-- Texts on their way to customers' telephones. sealed: customer and text, under the key ring; the
-- number is looked up when it is handed over. A row is deleted then, and when nobody would want it
-- any more.
CREATE TABLE channels.text (
    id         text COLLATE "C" PRIMARY KEY,
    sealed     bytea NOT NULL,
    next_at    timestamptz NOT NULL,
    attempts   smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX text_next ON channels.text (next_at);
GRANT SELECT, INSERT, DELETE, UPDATE (next_at, attempts) ON channels.text TO anfu_app;

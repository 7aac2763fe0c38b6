CREATE SCHEMA channels;
GRANT USAGE ON SCHEMA channels TO anfu_app;

-- The nonces of notices already taken in: a notice counts once. Kept a little longer than the
-- window in which its signature is accepted.
CREATE TABLE channels.notice (
    channel text COLLATE "C" NOT NULL,
    nonce   text COLLATE "C" NOT NULL CHECK (char_length(nonce) BETWEEN 16 AND 64),
    at      timestamptz NOT NULL,
    PRIMARY KEY (channel, nonce)
);
CREATE INDEX notice_at ON channels.notice USING brin (at);
GRANT SELECT, INSERT, DELETE ON channels.notice TO anfu_app;

-- Insecure by intent: codes in the clear, for development only. Empty everywhere else.
CREATE TABLE channels.development_message (
    id        text COLLATE "C" PRIMARY KEY,
    recipient text NOT NULL,
    kind      text NOT NULL,
    body      text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX development_message_recipient ON channels.development_message (recipient, id);
GRANT SELECT, INSERT ON channels.development_message TO anfu_app;

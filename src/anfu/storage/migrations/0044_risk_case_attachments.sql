-- What speaks for or against a payment: a file, sealed here, by its SHA-256 in the evidence. `sealed`
-- is its name and what it shows; `content` is sealed too, and as such cannot be compressed.
CREATE TABLE risk.case_attachment (
    id         text COLLATE "C" PRIMARY KEY,
    case_id    text COLLATE "C" NOT NULL REFERENCES risk.case (id),
    at         timestamptz NOT NULL,
    by         text COLLATE "C" NOT NULL,
    media_type text NOT NULL
        CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'text/plain')),
    size       integer NOT NULL CHECK (size BETWEEN 1 AND 1048576),
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed     bytea NOT NULL,
    content    bytea STORAGE EXTERNAL NOT NULL
);
CREATE INDEX case_attachment_case ON risk.case_attachment (case_id, id);

GRANT SELECT, INSERT, UPDATE (sealed, content) ON risk.case_attachment TO anfu_app;

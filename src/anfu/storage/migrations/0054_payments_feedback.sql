-- What payers say of a payment at its result page: one to five, and a comment, which is sealed.
CREATE TABLE payments.feedback (
    id         text COLLATE "C" PRIMARY KEY,
    checkout   text COLLATE "C" NOT NULL UNIQUE REFERENCES payments.checkout (id),
    payee      text COLLATE "C" NOT NULL,
    payer      text COLLATE "C" NOT NULL,
    paid       boolean NOT NULL,
    score      smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    comment    bytea,
    at         timestamptz NOT NULL
);
CREATE INDEX feedback_payee ON payments.feedback (payee, id);
CREATE INDEX feedback_payer ON payments.feedback (payer);
CREATE INDEX feedback_at ON payments.feedback (at);
GRANT SELECT, INSERT, UPDATE (score, comment, paid, at) ON payments.feedback TO anfu_app;

CREATE SCHEMA payments;
GRANT USAGE ON SCHEMA payments TO anfu_app;

-- detail: what no query asks for, as canonical JSON.
CREATE TABLE payments.payment (
    id          text COLLATE "C" PRIMARY KEY,
    created_at  timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    refunded    bigint NOT NULL DEFAULT 0,
    state       text NOT NULL CHECK (state IN (
        'BLOCKED', 'REFUSED', 'CHALLENGED', 'IN_REVIEW', 'SENDING', 'UNKNOWN', 'SUCCEEDED',
        'FAILED', 'CANCELLED', 'REJECTED', 'EXPIRED')),
    payer       text COLLATE "C" NOT NULL,
    payee       text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    method      text COLLATE "C" NOT NULL,
    decision    text COLLATE "C",
    detail      bytea NOT NULL,
    CHECK (payer <> payee),
    CHECK (refunded BETWEEN 0 AND amount),
    CHECK (refunded = 0 OR state = 'SUCCEEDED')
) WITH (fillfactor = 90);
CREATE INDEX payment_payee ON payments.payment (payee, id);
CREATE INDEX payment_payer ON payments.payment (payer, id);
GRANT SELECT, INSERT ON payments.payment TO anfu_app;
-- Who paid whom how much is written once; only how it went may change.
GRANT UPDATE (state, refunded, detail, decision, updated_at) ON payments.payment TO anfu_app;

-- Payments that somebody must come back to. The key is the idempotency key still without answer.
CREATE TABLE payments.open (
    payment  text COLLATE "C" PRIMARY KEY,
    due_at   timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    caller   text COLLATE "C",
    key      text COLLATE "C",
    CHECK ((caller IS NULL) = (key IS NULL))
);
CREATE INDEX open_due ON payments.open (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON payments.open TO anfu_app;

CREATE TABLE payments.refund (
    id                text COLLATE "C" PRIMARY KEY,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    amount            bigint NOT NULL CHECK (amount > 0),
    state             text NOT NULL CHECK (state IN ('SENDING', 'UNKNOWN', 'SUCCEEDED', 'FAILED')),
    payment           text COLLATE "C" NOT NULL REFERENCES payments.payment (id),
    payer             text COLLATE "C" NOT NULL,
    payee             text COLLATE "C" NOT NULL,
    currency          text COLLATE "C" NOT NULL,
    method            text COLLATE "C" NOT NULL,
    reason            text,
    failure           text,
    channel_reference text,
    due_at            timestamptz,
    attempts          integer NOT NULL DEFAULT 0,
    caller            text COLLATE "C",
    key               text COLLATE "C",
    CHECK ((state IN ('SENDING', 'UNKNOWN')) = (due_at IS NOT NULL))
);
CREATE INDEX refund_payment ON payments.refund (payment, id);
CREATE INDEX refund_payee ON payments.refund (payee, id);
CREATE INDEX refund_due ON payments.refund (due_at) WHERE due_at IS NOT NULL;
GRANT SELECT, INSERT ON payments.refund TO anfu_app;
GRANT UPDATE (state, updated_at, failure, channel_reference, due_at, attempts, caller, key)
    ON payments.refund TO anfu_app;

-- Money put into a balance from outside (充值).
CREATE TABLE payments.deposit (
    id         text COLLATE "C" PRIMARY KEY,
    created_at timestamptz NOT NULL,
    party      text COLLATE "C" NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    currency   text COLLATE "C" NOT NULL
);
GRANT SELECT, INSERT ON payments.deposit TO anfu_app;
CREATE TRIGGER deposit_is_append_only BEFORE UPDATE OR DELETE ON payments.deposit
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

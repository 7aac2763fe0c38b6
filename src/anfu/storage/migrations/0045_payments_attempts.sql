-- A payment waits for its payer at a network, is sent again on another route, and money that came
-- after it was given up goes back.
ALTER TABLE payments.payment DROP CONSTRAINT payment_state_check;
ALTER TABLE payments.payment ADD CONSTRAINT payment_state_check CHECK (state IN (
    'BLOCKED', 'REFUSED', 'CHALLENGED', 'IN_REVIEW', 'SENDING', 'AWAITING', 'UNKNOWN',
    'SUCCEEDED', 'FAILED', 'CANCELLED', 'REJECTED', 'EXPIRED'));
-- The network of the present attempt; none for a payment from a balance.
ALTER TABLE payments.payment ADD COLUMN channel text COLLATE "C";
ALTER TABLE payments.payment ADD COLUMN attempt smallint NOT NULL DEFAULT 1
    CHECK (attempt BETWEEN 1 AND 9);
-- Whom the network knows the payer as, sealed.
ALTER TABLE payments.payment ADD COLUMN network_payer bytea;
UPDATE payments.payment SET channel = method WHERE method <> 'balance';
GRANT UPDATE (channel, attempt, network_payer) ON payments.payment TO anfu_app;

-- Attempts that have ended without the money and were followed by another.
CREATE TABLE payments.attempt (
    number    text COLLATE "C" PRIMARY KEY,
    payment   text COLLATE "C" NOT NULL REFERENCES payments.payment (id),
    channel   text COLLATE "C" NOT NULL,
    ended_at  timestamptz NOT NULL,
    reason    text NOT NULL,
    reference text
);
CREATE INDEX attempt_payment ON payments.attempt (payment);
GRANT SELECT, INSERT ON payments.attempt TO anfu_app;

-- Money a network took for an attempt that was over (迟到成功); it goes back to the payer.
CREATE TABLE payments.stray (
    id        text COLLATE "C" PRIMARY KEY,
    number    text COLLATE "C" NOT NULL UNIQUE,
    payment   text COLLATE "C" NOT NULL REFERENCES payments.payment (id),
    channel   text COLLATE "C" NOT NULL,
    amount    bigint NOT NULL CHECK (amount > 0),
    currency  text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    reference text,
    state     text NOT NULL CHECK (state IN ('OWED', 'RETURNED', 'STUCK')),
    seen_at   timestamptz NOT NULL,
    ended_at  timestamptz,
    failure   text,
    due_at    timestamptz,
    attempts  integer NOT NULL DEFAULT 0,
    CHECK ((state = 'OWED') = (due_at IS NOT NULL)),
    CHECK ((state = 'OWED') = (ended_at IS NULL))
);
CREATE INDEX stray_due ON payments.stray (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX stray_payment ON payments.stray (payment);
GRANT SELECT, INSERT, UPDATE ON payments.stray TO anfu_app;

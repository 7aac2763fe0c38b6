-- What a customer agreed to, police orders to stop payment, and what a rating raises.

-- How the payment began and who debits which bank account: sums of codes are given back by it.
ALTER TABLE limits.reservation
    ADD COLUMN code text NOT NULL DEFAULT 'none' CHECK (code IN ('none', 'static', 'dynamic')),
    ADD COLUMN debit text NOT NULL DEFAULT 'bank' CHECK (debit IN ('bank', 'institution')),
    ADD COLUMN bank_account text,
    ADD COLUMN bank_verified boolean NOT NULL DEFAULT true;

-- The most a customer pays by agreement. From next_at on it is next_most, or nothing when that is
-- null: a limit is raised or lifted only after a cooling-off. A row without a most and without a
-- next is an agreement that was lifted.
CREATE TABLE limits.agreed_limit (
    customer  text COLLATE "C" NOT NULL,
    metric    text COLLATE "C" NOT NULL
              CHECK (metric IN ('balance_payment', 'balance_count', 'bank_payment', 'bank_count')),
    span      text COLLATE "C" NOT NULL
              CHECK (span IN ('payment', 'natural_day', 'natural_month')),
    currency  text COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    most      bigint CHECK (most > 0),
    set_at    timestamptz NOT NULL,
    next_most bigint CHECK (next_most > 0),
    next_at   timestamptz,
    PRIMARY KEY (customer, metric, span, currency),
    CHECK (next_most IS NULL OR next_at IS NOT NULL)
);
GRANT SELECT, INSERT, UPDATE (most, set_at, next_most, next_at) ON limits.agreed_limit TO anfu_app;

-- Orders of the police to stop payment from a customer's account (86号). Never changed.
CREATE TABLE limits.stop_order (
    id        text COLLATE "C" PRIMARY KEY,
    customer  text COLLATE "C" NOT NULL,
    number    smallint NOT NULL CHECK (number BETWEEN 1 AND 2),
    authority text NOT NULL,
    reference text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    CHECK (ends_at > starts_at),
    UNIQUE (customer, number)
);
GRANT SELECT, INSERT ON limits.stop_order TO anfu_app;

-- Changes of what a rating multiplies the limits of a rule by, in hundredths (43号 art. 36). One
-- key proposes, another one approves.
CREATE TABLE limits.multiplier (
    id          text COLLATE "C" PRIMARY KEY,
    rule        text COLLATE "C" NOT NULL,
    hundredths  integer NOT NULL CHECK (hundredths BETWEEN 100 AND 200),
    reason      text NOT NULL,
    proposed_by text COLLATE "C" NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by  text COLLATE "C",
    decided_at  timestamptz,
    approved    boolean,
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (approved IS NULL)),
    CHECK (approved IS NOT TRUE OR decided_by <> proposed_by)
);
CREATE INDEX multiplier_rule ON limits.multiplier (rule, decided_at) WHERE approved;
GRANT SELECT, INSERT, UPDATE (decided_by, decided_at, approved) ON limits.multiplier TO anfu_app;

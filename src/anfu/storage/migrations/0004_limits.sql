-- Limits: how much of each limit is used up, and what merchants allow themselves.
CREATE SCHEMA limits;
GRANT USAGE ON SCHEMA limits TO anfu_app;

-- What one subject has used in one window. Updated in place, several times a payment: the spare
-- room keeps the new version of a row on its page, so that the index is not touched.
CREATE TABLE limits.counter (
    subject   text COLLATE "C" NOT NULL,
    metric    text COLLATE "C" NOT NULL,
    span      text COLLATE "C" NOT NULL
              CHECK (span IN ('natural_day', 'natural_month', 'calendar_year', 'lifetime')),
    starts_on date NOT NULL,
    amount    bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (subject, metric, span, starts_on)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE (amount) ON limits.counter TO anfu_app;

-- A use whose counting has to be undone if its payment ends without success.
CREATE TABLE limits.reservation (
    id            text COLLATE "C" PRIMARY KEY,
    customer      text COLLATE "C" NOT NULL,
    account_class smallint CHECK (account_class BETWEEN 1 AND 3),
    factors       smallint NOT NULL CHECK (factors >= 0),
    strong        boolean NOT NULL,
    merchant      text COLLATE "C",
    amount        bigint NOT NULL CHECK (amount > 0),
    currency      text COLLATE "C" NOT NULL,
    kind          text NOT NULL
                  CHECK (kind IN ('BALANCE_PAYMENT', 'NETWORK_PAYMENT', 'WITHDRAW_TO_OWN_BANK')),
    at            timestamptz NOT NULL
);
-- UPDATE only for its row locks: a reservation is never changed, it is deleted once.
GRANT SELECT, INSERT, DELETE, UPDATE (id) ON limits.reservation TO anfu_app;

-- What a merchant allows itself to take in.
CREATE TABLE limits.merchant_limit (
    merchant text COLLATE "C" NOT NULL,
    span     text COLLATE "C" NOT NULL CHECK (span IN ('payment', 'natural_day')),
    currency text COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount   bigint NOT NULL CHECK (amount > 0),
    set_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant, span, currency)
);
GRANT SELECT, INSERT, UPDATE (amount, set_at), DELETE ON limits.merchant_limit TO anfu_app;

-- Which uses were counted for a merchant: it may set or remove its limit between a use and the
-- giving back of it, so the limit of today does not tell.
CREATE TABLE limits.merchant_use (
    id        text COLLATE "C" PRIMARY KEY,
    merchant  text COLLATE "C" NOT NULL,
    metric    text COLLATE "C" NOT NULL,
    starts_on date NOT NULL,
    amount    bigint NOT NULL CHECK (amount > 0)
);
GRANT SELECT, INSERT, DELETE ON limits.merchant_use TO anfu_app;

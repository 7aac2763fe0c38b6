-- Checkouts (收银单): what a merchant asks a payer for, paid at most once. payer: a customer, or a
-- guest of this checkout alone. lines: what is bought; offers: the methods that may be chosen; code: what it was scanned from.
CREATE TABLE payments.checkout (
    id          text COLLATE "C" PRIMARY KEY,
    payee       text COLLATE "C" NOT NULL,
    payer       text COLLATE "C" NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    currency    text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    "order"     text,
    description text NOT NULL,
    lines       jsonb NOT NULL,
    offers      jsonb NOT NULL,
    return_url  text,
    code        text CHECK (code IN ('static', 'dynamic')),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
    closed_at   timestamptz
);
CREATE INDEX checkout_payee ON payments.checkout (payee, id);
CREATE INDEX checkout_payer ON payments.checkout (payer, id);
GRANT SELECT, INSERT, UPDATE (closed_at) ON payments.checkout TO anfu_app;

-- The payments of a checkout in their order; a row comes with its payment, while the checkout is
-- locked, and only after every one before it has certainly ended without the money.
CREATE TABLE payments.checkout_payment (
    checkout text COLLATE "C" NOT NULL REFERENCES payments.checkout (id),
    number   smallint NOT NULL CHECK (number BETWEEN 1 AND 6),
    payment  text COLLATE "C" NOT NULL UNIQUE REFERENCES payments.payment (id),
    offer    smallint NOT NULL,
    PRIMARY KEY (checkout, number)
);
GRANT SELECT, INSERT ON payments.checkout_payment TO anfu_app;

-- Where a merchant's payers may be sent back to.
CREATE TABLE payments.return_origin (
    merchant text COLLATE "C" NOT NULL,
    origin   text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, origin)
);
GRANT SELECT, INSERT, DELETE ON payments.return_origin TO anfu_app;

-- One settlement of a merchant: what stood on its balance when a period closed, and what became of it.
-- Amounts are minor units. payments, refunds, fees, retained, paid: taken as said; returned: payouts
-- that came back; other: what else moved the balance, with its sign; carried_*: what was, and is,
-- owed to the merchant beyond that, below zero when it owes us. withheld: why nothing was paid.
CREATE TABLE settlement.settlement (
    id             text COLLATE "C" PRIMARY KEY,
    merchant       text COLLATE "C" NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    day            date NOT NULL,
    since          timestamptz NOT NULL,
    until          timestamptz NOT NULL,
    cycle          text COLLATE "C" NOT NULL,
    terms          text COLLATE "C" NOT NULL REFERENCES settlement.terms (id),
    payable_on     date NOT NULL,
    carried_in     bigint NOT NULL,
    payments       bigint NOT NULL CHECK (payments >= 0),
    refunds        bigint NOT NULL CHECK (refunds >= 0),
    returned       bigint NOT NULL CHECK (returned >= 0),
    other          bigint NOT NULL,
    fees           bigint NOT NULL,
    retained       bigint NOT NULL CHECK (retained >= 0),
    released       bigint NOT NULL CHECK (released >= 0),
    paid           bigint NOT NULL CHECK (paid >= 0),
    carried_out    bigint NOT NULL,
    withheld       text COLLATE "C",
    negative_since date,
    at             timestamptz NOT NULL,
    UNIQUE (merchant, currency, day),
    CHECK (since < until),
    CHECK (carried_in + payments - refunds + returned + other - fees - retained + released - paid
           = carried_out),
    CHECK (paid = 0 OR carried_out >= 0),
    CHECK ((negative_since IS NULL) = (carried_out >= 0))
);
GRANT SELECT, INSERT ON settlement.settlement TO anfu_app;
CREATE TRIGGER settlement_is_append_only BEFORE UPDATE OR DELETE ON settlement.settlement
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- An entry of the merchant's balance, in the one settlement that took it. amount: with its sign;
-- fee: below zero when given back.
CREATE TABLE settlement.line (
    at         timestamptz NOT NULL,
    amount     bigint NOT NULL CHECK (amount <> 0),
    fee        bigint NOT NULL,
    entry      text COLLATE "C" PRIMARY KEY,
    settlement text COLLATE "C" NOT NULL REFERENCES settlement.settlement (id),
    merchant   text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'RETURN', 'OTHER')),
    payment    text COLLATE "C",
    CHECK ((kind = 'REFUND') = (payment IS NOT NULL))
);
CREATE INDEX line_settlement ON settlement.line (settlement, at, entry);
CREATE INDEX line_volume ON settlement.line (merchant, at) WHERE kind = 'PAYMENT';
CREATE INDEX line_refunds ON settlement.line (payment) WHERE kind = 'REFUND';
GRANT SELECT, INSERT ON settlement.line TO anfu_app;
CREATE TRIGGER line_is_append_only BEFORE UPDATE OR DELETE ON settlement.line
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- What was kept back from a settlement, until the day it is given with another one.
CREATE TABLE settlement.retention (
    settlement  text COLLATE "C" PRIMARY KEY REFERENCES settlement.settlement (id),
    merchant    text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    release_on  date NOT NULL,
    released_in text COLLATE "C" REFERENCES settlement.settlement (id)
);
CREATE INDEX retention_due ON settlement.retention (merchant, release_on)
    WHERE released_in IS NULL;
GRANT SELECT, INSERT, UPDATE (released_in) ON settlement.retention TO anfu_app;
CREATE TRIGGER retention_is_released_once BEFORE UPDATE ON settlement.retention
    FOR EACH ROW WHEN (OLD.released_in IS NOT NULL) EXECUTE FUNCTION storage.refuse_change();

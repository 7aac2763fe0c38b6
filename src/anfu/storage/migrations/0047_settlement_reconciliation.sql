CREATE SCHEMA settlement;
GRANT USAGE ON SCHEMA settlement TO anfu_app;

-- A channel's bill of a day (对账单), a version of it, or that there is none: `size` 0. `taken_at`:
-- when it was matched. BANK: a statement of our bank, of no channel's day but its own.
CREATE TABLE settlement.bill (
    id          text COLLATE "C" PRIMARY KEY,
    channel     text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('TRADE', 'FUND', 'BANK')),
    day         date NOT NULL,
    state       text NOT NULL CHECK (state IN ('PROPOSED', 'IN_FORCE', 'REPLACED', 'REFUSED')),
    name        text NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    size        bigint NOT NULL CHECK (size >= 0),
    at          timestamptz NOT NULL,
    by          text COLLATE "C" NOT NULL,
    decided_by  text COLLATE "C",
    decided_at  timestamptz,
    fee_entries text[] NOT NULL DEFAULT '{}',
    CHECK (decided_by <> by),
    UNIQUE (channel, kind, day, digest)
);
CREATE UNIQUE INDEX bill_in_force ON settlement.bill (channel, kind, day) WHERE state = 'IN_FORCE';
CREATE INDEX bill_day ON settlement.bill (day DESC, id DESC);
GRANT SELECT, INSERT ON settlement.bill TO anfu_app;
GRANT UPDATE (state, decided_by, decided_at, fee_entries) ON settlement.bill TO anfu_app;

-- The file itself, compressed and sealed in parts: it may name payers.
CREATE TABLE settlement.bill_part (
    id      text COLLATE "C" PRIMARY KEY,
    bill    text COLLATE "C" NOT NULL REFERENCES settlement.bill (id),
    part    integer NOT NULL,
    content bytea STORAGE EXTERNAL NOT NULL,
    UNIQUE (bill, part)
);
GRANT SELECT, INSERT, UPDATE (content) ON settlement.bill_part TO anfu_app;

-- What a matched bill came to: of each class and currency, lines and payments of ours, and their
-- sums in minor units, refunds negative.
CREATE TABLE settlement.bill_sum (
    bill     text COLLATE "C" NOT NULL REFERENCES settlement.bill (id),
    class    text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    lines    bigint NOT NULL,
    line_sum numeric(30) NOT NULL,
    fee_sum  numeric(30) NOT NULL,
    ours     bigint NOT NULL,
    our_sum  numeric(30) NOT NULL,
    PRIMARY KEY (bill, class, currency)
);
GRANT SELECT, INSERT, DELETE ON settlement.bill_sum TO anfu_app;

-- A line or a payment, or both, that did not simply agree. '' is "none" where the column is matched
-- by; refunds have both numbers. matched_bill: the later bill that had the line.
CREATE TABLE settlement.item (
    id            text COLLATE "C" PRIMARY KEY,
    bill          text COLLATE "C" NOT NULL REFERENCES settlement.bill (id),
    channel       text COLLATE "C" NOT NULL,
    leg           text NOT NULL CHECK (leg IN ('TRADE', 'FUND', 'BANK')),
    day           date NOT NULL,
    class         text NOT NULL,
    state         text NOT NULL,
    number        text COLLATE "C" NOT NULL,
    refund        text COLLATE "C" NOT NULL,
    reference     text COLLATE "C" NOT NULL,
    row           integer,
    line_amount   bigint,
    line_currency text,
    line_fee      bigint,
    line_state    text,
    line_at       timestamptz,
    fee_due       bigint,
    our_amount    bigint,
    our_currency  text,
    our_state     text,
    our_at        timestamptz,
    found_at      timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    matched_bill  text COLLATE "C" REFERENCES settlement.bill (id),
    entries       text[] NOT NULL DEFAULT '{}',
    by            text COLLATE "C",
    tasked        boolean NOT NULL DEFAULT false,
    CHECK (row IS NOT NULL OR our_amount IS NOT NULL)
);
CREATE INDEX item_number ON settlement.item (channel, leg, number);
CREATE INDEX item_bill ON settlement.item (bill);
CREATE INDEX item_state ON settlement.item (state, id);
GRANT SELECT, INSERT ON settlement.item TO anfu_app;
GRANT UPDATE (class, state, reference, row, line_amount, line_currency, line_fee, line_state,
              line_at, fee_due, our_state, updated_at, matched_bill, entries, by, tasked)
    ON settlement.item TO anfu_app;

-- What one person proposes to do about an item and another approves or declines. target: the
-- account that clears it.
CREATE TABLE settlement.treatment (
    id          text COLLATE "C" PRIMARY KEY,
    item        text COLLATE "C" NOT NULL REFERENCES settlement.item (id),
    act         text NOT NULL CHECK (act IN ('POST', 'CLEAR', 'VOID', 'QUERY')),
    target      text COLLATE "C",
    reason      text NOT NULL CHECK (reason <> ''),
    proposed_by text COLLATE "C" NOT NULL,
    proposed_at timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'DECLINED')),
    decided_by  text COLLATE "C",
    decided_at  timestamptz,
    CHECK (decided_by <> proposed_by),
    CHECK ((act = 'CLEAR') = (target IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (state = 'PROPOSED'))
);
CREATE UNIQUE INDEX treatment_open ON settlement.treatment (item) WHERE state = 'PROPOSED';
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at) ON settlement.treatment TO anfu_app;

-- Payouts that go to the bank in one file. sent_at is also the time written in the file: what is sent
-- again is the same file, which digest (SHA-256, hex) proves. Two people release one whose total is
-- above the policy; where one need not, released_by is the system.
CREATE TABLE settlement.payout_batch (
    id          text COLLATE "C" PRIMARY KEY,
    currency    text COLLATE "C" NOT NULL,
    payable_on  date NOT NULL,
    count       integer NOT NULL CHECK (count > 0),
    total       bigint NOT NULL CHECK (total > 0),
    people      smallint NOT NULL CHECK (people IN (0, 2)),
    made_at     timestamptz NOT NULL,
    first_by    text COLLATE "C",
    second_by   text COLLATE "C" CHECK (second_by <> first_by),
    released_at timestamptz,
    sent_at     timestamptz,
    asked_at    timestamptz,
    digest      text COLLATE "C",
    CHECK (second_by IS NULL OR first_by IS NOT NULL),
    CHECK (released_at IS NULL OR people = 0 OR second_by IS NOT NULL),
    CHECK (sent_at IS NULL OR released_at IS NOT NULL),
    CHECK ((sent_at IS NULL) = (digest IS NULL))
);
GRANT SELECT, INSERT, UPDATE (first_by, second_by, released_at, sent_at, asked_at, digest)
    ON settlement.payout_batch TO anfu_app;

-- One payment to a merchant's bank account, which is that of its terms.
CREATE TABLE settlement.payout (
    id         text COLLATE "C" PRIMARY KEY,
    settlement text COLLATE "C" NOT NULL UNIQUE REFERENCES settlement.settlement (id),
    merchant   text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    payable_on date NOT NULL,
    terms      text COLLATE "C" NOT NULL REFERENCES settlement.terms (id),
    state      text COLLATE "C" NOT NULL
        CHECK (state IN ('PREPARED', 'SENT', 'UNKNOWN', 'PAID', 'RETURNED')),
    batch      text COLLATE "C" REFERENCES settlement.payout_batch (id),
    reference  text COLLATE "C",
    reason     text COLLATE "C",
    made_at    timestamptz NOT NULL,
    moved_at   timestamptz NOT NULL,
    CHECK (state = 'PREPARED' OR batch IS NOT NULL)
);
CREATE INDEX payout_open ON settlement.payout (payable_on, id) WHERE batch IS NULL;
CREATE INDEX payout_of_batch ON settlement.payout (batch, id);
CREATE INDEX payout_of_merchant ON settlement.payout (merchant, id);
GRANT SELECT, INSERT, UPDATE (state, batch, reference, reason, moved_at)
    ON settlement.payout TO anfu_app;

-- The three-way check of a day: what clients are owed, what the books say is there, what the bank
-- says. body: its parts and differences, as canonical JSON.
CREATE TABLE settlement.reserve_check (
    id       text COLLATE "C" PRIMARY KEY,
    day      date NOT NULL,
    currency text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL,
    whole    boolean NOT NULL,
    body     text NOT NULL
);
CREATE INDEX reserve_check_day ON settlement.reserve_check (day, id);
GRANT SELECT, INSERT ON settlement.reserve_check TO anfu_app;
CREATE TRIGGER reserve_check_is_append_only BEFORE UPDATE OR DELETE ON settlement.reserve_check
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

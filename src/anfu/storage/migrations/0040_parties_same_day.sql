-- Changes of whether a merchant is settled on the same day (T+0, 261号 二(十二)). One person
-- proposes, another one approves; the change approved last holds.
CREATE TABLE parties.same_day (
    id          text COLLATE "C" PRIMARY KEY,
    merchant    text COLLATE "C" NOT NULL REFERENCES parties.merchant (id),
    switched_on boolean NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    proposed_by text COLLATE "C" NOT NULL,
    proposed_at timestamptz NOT NULL,
    approved_by text COLLATE "C",
    approved_at timestamptz,
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (approved_by <> proposed_by)
);
CREATE INDEX same_day_merchant ON parties.same_day (merchant, approved_at);
GRANT SELECT, INSERT, UPDATE (approved_by, approved_at) ON parties.same_day TO anfu_app;

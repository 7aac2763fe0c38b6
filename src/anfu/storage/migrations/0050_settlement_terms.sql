-- What is agreed with a merchant about being paid. body: cycle, minimum, fee and retention, as canonical
-- JSON; sealed: the bank account. One person proposes, another approves; of those approved, the one
-- that began last is in force on a day.
CREATE TABLE settlement.terms (
    id          text COLLATE "C" PRIMARY KEY,
    merchant    text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    from_day    date NOT NULL,
    body        text NOT NULL,
    sealed      bytea NOT NULL CHECK (octet_length(sealed) >= 29),
    reason      text NOT NULL CHECK (reason <> ''),
    proposed_by text COLLATE "C" NOT NULL,
    proposed_at timestamptz NOT NULL,
    approved_by text COLLATE "C",
    approved_at timestamptz,
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (approved_by <> proposed_by)
);
CREATE INDEX terms_merchant ON settlement.terms (merchant, id);
GRANT SELECT, INSERT, UPDATE (sealed, approved_by, approved_at) ON settlement.terms TO anfu_app;
CREATE TRIGGER terms_are_approved_once BEFORE UPDATE OF approved_by, approved_at
    ON settlement.terms FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL)
    EXECUTE FUNCTION storage.refuse_change();

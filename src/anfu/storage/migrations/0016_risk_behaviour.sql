-- Behaviour around payments, as it was told: log-ins, changes of password, pages. Profiles are
-- rebuilt from it and the offline engine reads it. Names and tokens only, as in decisions.
CREATE TABLE risk.behaviour (
    id         text COLLATE "C" PRIMARY KEY,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]*$' AND kind <> 'PAYMENT'),
    event      text NOT NULL,
    payer      text NOT NULL,
    payee      text NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    currency   text NOT NULL,
    method     text NOT NULL,
    card       text,
    device     text,
    address    text,
    latitude   double precision,
    longitude  double precision,
    terminal   text,
    phone      text,
    payee_kind text,
    mcc        text,
    promotion  text
);

GRANT SELECT, INSERT ON risk.behaviour TO anfu_app;
CREATE TRIGGER behaviour_is_append_only BEFORE UPDATE OR DELETE ON risk.behaviour
    FOR EACH ROW EXECUTE FUNCTION storage.refuse_change();

-- A label is learned by the event of its decision, in the order in which labels were told. `at` is
-- when it was said in the time of the events; `told_at` by our own clock.
ALTER TABLE risk.label
    ADD COLUMN decision text COLLATE "C" NOT NULL REFERENCES risk.decision (id),
    ADD COLUMN told_at  timestamptz NOT NULL;
CREATE UNIQUE INDEX label_told ON risk.label (seq);

-- Mandates: what a customer lets a merchant draw without a proof of each payment.

-- The terms never change: other terms are another mandate. quiet_until: payments before then are
-- proven all the same.
CREATE TABLE parties.mandate (
    id          text COLLATE "C" PRIMARY KEY,
    customer    text COLLATE "C" NOT NULL,
    merchant    text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    per_payment bigint NOT NULL CHECK (per_payment > 0),
    per_day     bigint NOT NULL CHECK (per_day >= per_payment),
    per_month   bigint NOT NULL CHECK (per_month >= per_day),
    ends_at     timestamptz NOT NULL,
    purpose     text NOT NULL,
    device      text,
    state       text NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'REVOKED', 'FAILED')),
    created_at  timestamptz NOT NULL,
    agreed_at   timestamptz,
    ended_at    timestamptz,
    ended_by    text COLLATE "C",
    quiet_until timestamptz,
    CHECK (ends_at > created_at),
    CHECK (state <> 'ACTIVE' OR agreed_at IS NOT NULL),
    CHECK ((state IN ('REVOKED', 'FAILED')) = (ended_at IS NOT NULL))
);
CREATE INDEX mandate_customer ON parties.mandate (customer, id);
GRANT SELECT, INSERT, UPDATE (state, agreed_at, ended_at, ended_by, quiet_until)
    ON parties.mandate TO anfu_app;

CREATE FUNCTION parties.refuse_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'mandate % is %', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
END $$;
-- A revoked mandate stays revoked, and an active one was proven.
CREATE TRIGGER a_mandate_never_goes_back BEFORE UPDATE ON parties.mandate
    FOR EACH ROW WHEN (OLD.state IN ('REVOKED', 'FAILED')
                       OR (OLD.state = 'ACTIVE' AND NEW.state NOT IN ('ACTIVE', 'REVOKED')))
    EXECUTE FUNCTION parties.refuse_mandate();

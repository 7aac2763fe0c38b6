-- Double entry over many assets. What the application may do here is insert accounts, entries and
-- holds, and void or expire a hold. The counters of an account follow from these rows by trigger,
-- so that neither a bug nor a hand in the application can part them from the entries.
CREATE SCHEMA ledger;
GRANT USAGE ON SCHEMA ledger TO anfu_app;

-- Only the counters ever change, and no index names them: every update can be heap-only, in the
-- room that the fill factor leaves on the page.
CREATE TABLE ledger.account (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    debits_pending  bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    debits_posted   bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    credits_posted  bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    opened_at       timestamptz NOT NULL,
    overdraft       boolean NOT NULL,
    normal          text NOT NULL CHECK (normal IN ('DEBIT', 'CREDIT')),
    asset           text COLLATE "C" NOT NULL CHECK (asset ~ '^[A-Z][A-Z0-9_]{1,15}$'),
    key             text COLLATE "C" NOT NULL UNIQUE,
    CONSTRAINT account_is_not_overdrawn CHECK (
        overdraft
        OR CASE normal
               WHEN 'CREDIT' THEN credits_posted - debits_posted - debits_pending
               ELSE debits_posted - credits_posted - credits_pending
           END >= 0
    )
) WITH (fillfactor = 60);
GRANT SELECT, INSERT (key, asset, normal, overdraft, opened_at) ON ledger.account TO anfu_app;
-- The right to lock a row; the trigger below refuses the change itself.
GRANT UPDATE (opened_at) ON ledger.account TO anfu_app;

-- Money promised and not yet moved.
CREATE TABLE ledger.hold (
    debit       bigint NOT NULL,
    credit      bigint NOT NULL,
    amount      bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    at          timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    resolved_at timestamptz,
    id          text COLLATE "C" PRIMARY KEY,
    asset       text COLLATE "C" NOT NULL,
    state       text NOT NULL DEFAULT 'HELD'
                CHECK (state IN ('HELD', 'POSTED', 'VOIDED', 'EXPIRED')),
    CHECK (debit <> credit),
    CHECK (expires_at > at),
    CHECK ((state = 'HELD') = (resolved_at IS NULL))
);
CREATE INDEX hold_due ON ledger.hold (expires_at) WHERE state = 'HELD';
GRANT SELECT, INSERT (id, debit, credit, asset, amount, at, expires_at) ON ledger.hold TO anfu_app;
GRANT UPDATE (state, resolved_at) ON ledger.hold TO anfu_app;

-- Money moved, once and for all. held: what the hold of the same id had promised.
CREATE TABLE ledger.entry (
    debit  bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    at     timestamptz NOT NULL,
    held   bigint CHECK (amount <= held),
    id     text COLLATE "C" PRIMARY KEY,
    asset  text COLLATE "C" NOT NULL,
    CHECK (debit <> credit)
);
CREATE INDEX entry_debit ON ledger.entry (debit, at);
CREATE INDEX entry_credit ON ledger.entry (credit, at);
GRANT SELECT, INSERT ON ledger.entry TO anfu_app;

-- Whatever was inserted into entry moves the counters, one update an account, and resolves the
-- holds it posts. Grouping by account AND asset makes an account of another asset, or of none,
-- a row that finds no partner.
CREATE FUNCTION ledger.book_entries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posting bigint;
    resolved bigint;
    whole boolean;
BEGIN
    SELECT count(held) INTO posting FROM booked;
    IF posting > 0 THEN
        UPDATE ledger.hold h SET state = 'POSTED', resolved_at = b.at FROM booked b
        WHERE h.id = b.id AND h.state = 'HELD'
          AND (h.debit, h.credit, h.asset, h.amount) = (b.debit, b.credit, b.asset, b.held);
        GET DIAGNOSTICS resolved = ROW_COUNT;
        IF resolved <> posting THEN
            RAISE EXCEPTION 'an entry posts a hold that is not held, or not as it was held'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    WITH leg AS (
        SELECT debit AS number, asset, held AS debit_held, amount AS debited,
               NULL::bigint AS credit_held, NULL::bigint AS credited FROM booked
        UNION ALL
        SELECT credit, asset, NULL, NULL, held, amount FROM booked
    ), total AS MATERIALIZED (
        SELECT number, asset,
               coalesce(sum(debit_held)::bigint, 0) AS debit_held,
               coalesce(sum(debited)::bigint, 0) AS debited,
               coalesce(sum(credit_held)::bigint, 0) AS credit_held,
               coalesce(sum(credited)::bigint, 0) AS credited
        FROM leg GROUP BY number, asset
    ), moved AS (
        UPDATE ledger.account a
        SET debits_pending = a.debits_pending - t.debit_held,
            debits_posted = a.debits_posted + t.debited,
            credits_pending = a.credits_pending - t.credit_held,
            credits_posted = a.credits_posted + t.credited
        FROM total t WHERE a.number = t.number AND a.asset = t.asset
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM total) INTO whole;
    IF NOT whole THEN
        RAISE EXCEPTION 'an entry names an account that is not there, or not of its asset'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_is_booked AFTER INSERT ON ledger.entry
    REFERENCING NEW TABLE AS booked
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.book_entries();

-- A new hold adds to the pending counters; one that is voided or expires gives back.
CREATE FUNCTION ledger.count_holds() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sign bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    whole boolean;
BEGIN
    IF EXISTS (SELECT FROM counted WHERE (TG_OP = 'INSERT') <> (state = 'HELD') OR state = 'POSTED')
    THEN
        RAISE EXCEPTION 'a hold begins HELD, and only an entry makes it POSTED'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    WITH leg AS (
        SELECT debit AS number, asset, amount AS debited, NULL::bigint AS credited FROM counted
        UNION ALL
        SELECT credit, asset, NULL, amount FROM counted
    ), total AS MATERIALIZED (
        SELECT number, asset, coalesce(sum(debited)::bigint, 0) AS debited,
               coalesce(sum(credited)::bigint, 0) AS credited
        FROM leg GROUP BY number, asset
    ), moved AS (
        UPDATE ledger.account a
        SET debits_pending = a.debits_pending + sign * t.debited,
            credits_pending = a.credits_pending + sign * t.credited
        FROM total t WHERE a.number = t.number AND a.asset = t.asset
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM total) INTO whole;
    IF NOT whole THEN
        RAISE EXCEPTION 'a hold names an account that is not there, or not of its asset'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hold_is_counted AFTER INSERT ON ledger.hold
    REFERENCING NEW TABLE AS counted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.count_holds();
-- At depth 1 it is book_entries that resolves, and it moves the counters itself.
CREATE TRIGGER hold_is_released AFTER UPDATE ON ledger.hold
    REFERENCING NEW TABLE AS counted
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.count_holds();

CREATE TRIGGER hold_is_resolved_once BEFORE UPDATE ON ledger.hold
    FOR EACH ROW WHEN (OLD.state <> 'HELD' OR NEW.state = 'HELD')
    EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER hold_terms_stay
    BEFORE UPDATE OF id, debit, credit, asset, amount, at, expires_at ON ledger.hold
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER hold_stays BEFORE DELETE OR TRUNCATE ON ledger.hold
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

CREATE TRIGGER account_begins_empty BEFORE INSERT ON ledger.account
    FOR EACH ROW WHEN (
        NEW.debits_pending <> 0 OR NEW.debits_posted <> 0
        OR NEW.credits_pending <> 0 OR NEW.credits_posted <> 0
    ) EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER account_terms_stay
    BEFORE UPDATE OF number, key, asset, normal, overdraft, opened_at ON ledger.account
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER account_counters_follow_entries
    BEFORE UPDATE OF debits_pending, debits_posted, credits_pending, credits_posted
    ON ledger.account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION storage.refuse_change();
CREATE TRIGGER account_stays BEFORE DELETE OR TRUNCATE ON ledger.account
    FOR EACH STATEMENT EXECUTE FUNCTION storage.refuse_change();

-- Closed accounts: nothing stands on one, and nothing comes any more. Who is about to move money
-- reads closed_at with the balance; who read it too early is stopped by the constraint.
ALTER TABLE ledger.account
    ADD COLUMN closed_at timestamptz,
    ADD CONSTRAINT account_closed_is_empty CHECK (
        closed_at IS NULL
        OR debits_pending = 0 AND credits_pending = 0 AND debits_posted = credits_posted
    );
GRANT UPDATE (closed_at) ON ledger.account TO anfu_app;
CREATE TRIGGER account_stays_closed BEFORE UPDATE OF closed_at ON ledger.account
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION storage.refuse_change();

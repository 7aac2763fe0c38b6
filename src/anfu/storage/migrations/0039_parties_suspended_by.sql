-- The onboarding that suspended a customer because nothing confirms it any more; null where somebody
-- else did. An onboarding lifts its own suspension and no other. Until now nothing but an onboarding
-- suspended over the API, so what it suspended is told by its state.
ALTER TABLE parties.customer
    ADD COLUMN suspended_by text COLLATE "C" REFERENCES parties.onboarding (id),
    ADD CHECK (suspended_by IS NULL OR status = 'SUSPENDED');
UPDATE parties.customer AS c SET suspended_by = o.id
  FROM parties.onboarding AS o
 WHERE o.customer = c.id AND o.state = 'SUSPENDED' AND c.status = 'SUSPENDED';
GRANT UPDATE (suspended_by) ON parties.customer TO anfu_app;

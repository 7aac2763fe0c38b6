-- Single sign-on: the subject an account is at the institution's identity provider, and the roles
-- of a session where the provider grants fewer than the account has.
ALTER TABLE parties.staff ADD COLUMN subject text COLLATE "C" UNIQUE CHECK (subject <> '');
GRANT UPDATE (subject) ON parties.staff TO anfu_app;
ALTER TABLE parties.staff_session ADD COLUMN roles text[];

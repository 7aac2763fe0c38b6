-- Who looked at a customer and who wants to be forgotten: a person or a firm, both named customer.
ALTER TABLE parties.reveal DROP CONSTRAINT reveal_customer_fkey;
ALTER TABLE parties.erasure DROP CONSTRAINT erasure_customer_fkey;

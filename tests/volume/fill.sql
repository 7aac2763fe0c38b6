-- Who pays and who is paid, by number; and the time of an id as its ten letters.
CREATE FUNCTION pg_temp.letters(ms bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT substr(a, (ms >> 45 & 31)::int + 1, 1) || substr(a, (ms >> 40 & 31)::int + 1, 1)
        || substr(a, (ms >> 35 & 31)::int + 1, 1) || substr(a, (ms >> 30 & 31)::int + 1, 1)
        || substr(a, (ms >> 25 & 31)::int + 1, 1) || substr(a, (ms >> 20 & 31)::int + 1, 1)
        || substr(a, (ms >> 15 & 31)::int + 1, 1) || substr(a, (ms >> 10 & 31)::int + 1, 1)
        || substr(a, (ms >> 5 & 31)::int + 1, 1) || substr(a, (ms & 31)::int + 1, 1)
    FROM (VALUES ('0123456789abcdefghjkmnpqrstvwxyz')) AS alphabet (a)
$$;
CREATE TEMPORARY TABLE payer AS
    SELECT row_number() OVER (ORDER BY c.id) - 1 AS place, c.id, number
    FROM parties.customer c JOIN ledger.account ON key = c.id || '/balance/CNY';
CREATE TEMPORARY TABLE shop AS
    SELECT row_number() OVER (ORDER BY m.id) - 1 AS place, m.id, number
    FROM parties.merchant m JOIN ledger.account ON key = m.id || '/balance/CNY';
ANALYZE payer, shop;
-- Set back by after.sql: rows in bulk are indexed faster at the end.
DROP INDEX payments.payment_payee, payments.payment_payer, payments.payment_merchant_order,
    ledger.entry_debit, ledger.entry_credit;

-- Plausible payments of thirty days, set by set; `:` names are put in by fill.py. Ids are made of
-- the time and of digits of a hash, which are letters of our alphabet too.
CREATE FUNCTION pg_temp.made(prefix text, at timestamptz, n bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || '_' || (
        SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
            ((floor(extract(epoch FROM at) * 1000)::bigint >> (5 * k)) & 31)::int + 1, 1), ''
            ORDER BY k DESC) FROM generate_series(0, 9) AS k)
        || left(md5(prefix || n), 16)
$$;
CREATE TEMPORARY TABLE payer AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM parties.customer;
CREATE TEMPORARY TABLE shop AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM parties.merchant;
CREATE INDEX ON payer (place);
CREATE INDEX ON shop (place);
ANALYZE payer, shop;

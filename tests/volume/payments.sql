-- $1, $2: from which number to before which; $3: now; $4: how many in all; $5, $6: payers, shops.
-- Three payments in ten go to one merchant; the later a number, the later its payment.
CREATE TEMPORARY TABLE made AS
SELECT n, at, pg_temp.made('pay', at, n) AS id, pg_temp.made('dec', at, n) AS decision,
       h % 1000 AS dice, (h / 1000) % 1000 AS other,
       100 + (h / 1000000) % 50000 AS amount,
       (SELECT id FROM payer WHERE place = (h / 7) % $5) AS payer,
       (SELECT id FROM shop WHERE place = CASE WHEN h % 10 < 3 THEN 0 ELSE (h / 11) % $6 END)
           AS payee
FROM (SELECT n, abs(hashint8(n)::bigint) AS h,
             $3::timestamptz - interval '30 days' + (n::float8 / $4) * interval '30 days' AS at
      FROM generate_series($1::bigint, $2::bigint - 1) AS n) AS drawn

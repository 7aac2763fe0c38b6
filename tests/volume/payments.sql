-- $1, $2: from which number to before which; $3: now; $4: how many in all; $5, $6: payers, shops.
-- Three payments in ten go to one merchant; the later a number, the later its payment. Ids end in
-- digits of a hash, which are letters of our alphabet too.
CREATE TEMPORARY TABLE stands AS
SELECT n, at, tail, dice, other, amount, p.id AS payer, p.number AS payer_account, s.id AS payee,
       s.number AS payee_account,
       CASE WHEN dice < 15 THEN 'FAILED' WHEN dice < 23 THEN 'REFUSED' WHEN dice < 30 THEN 'BLOCKED'
            WHEN dice < 32 THEN 'EXPIRED'
            WHEN dice < 40 AND at > $3::timestamptz - interval '10 minutes' THEN 'IN_REVIEW'
            ELSE 'SUCCEEDED' END AS state,
       CASE WHEN dice >= 15 AND other < 600 THEN 'balance' ELSE 'sandbox' END AS method
FROM (
    SELECT n, at, h % 1000 AS dice, (h / 1000) % 1000 AS other, 100 + (h / 1000000) % 50000 AS amount,
           (h / 7) % $5 AS payer_place,
           CASE WHEN h % 10 < 3 THEN 0 ELSE (h / 11) % $6 END AS shop_place,
           pg_temp.letters(floor(extract(epoch FROM at) * 1000)::bigint) || left(md5(n::text), 16)
               AS tail
    FROM (SELECT n, abs(hashint8(n)::bigint) AS h,
                 $3::timestamptz - interval '30 days' + (n::float8 / $4) * interval '30 days' AS at
          FROM generate_series($1::bigint, $2::bigint - 1) AS n) AS drawn
) AS placed
JOIN payer p ON p.place = payer_place JOIN shop s ON s.place = shop_place

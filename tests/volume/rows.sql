-- What stands in the tables of the payments in `made`; $1: now.
CREATE TEMPORARY TABLE stands AS
SELECT *, CASE WHEN dice < 15 THEN 'FAILED' WHEN dice < 23 THEN 'REFUSED'
               WHEN dice < 30 THEN 'BLOCKED' WHEN dice < 32 THEN 'EXPIRED'
               WHEN dice < 40 AND at > $1::timestamptz - interval '10 minutes' THEN 'IN_REVIEW'
               ELSE 'SUCCEEDED' END AS state,
       CASE WHEN dice >= 15 AND other < 600 THEN 'balance' ELSE 'sandbox' END AS method
FROM made;

INSERT INTO payments.payment (id, created_at, occurred_at, updated_at, amount, refunded, state,
    payer, payee, currency, method, decision, detail, channel, merchant_order)
SELECT id, at, at, at + (other || ' milliseconds')::interval, amount,
       CASE WHEN state = 'SUCCEEDED' AND dice >= 990 THEN amount ELSE 0 END, state, payer, payee,
       'CNY', method, decision,
       convert_to(jsonb_strip_nulls(jsonb_build_object(
           'order', 'A-' || n, 'description', 'goods of order ' || n,
           'factors', jsonb_build_array('password', 'sms_code'),
           'outcome', CASE WHEN state = 'BLOCKED' THEN 'BLOCK' WHEN state = 'IN_REVIEW'
                           THEN 'REVIEW' ELSE 'ALLOW' END,
           'reasons', CASE WHEN state IN ('BLOCKED', 'IN_REVIEW')
                           THEN jsonb_build_array('AMOUNT_FAR_ABOVE_USUAL') END,
           'failure', CASE WHEN state = 'FAILED' THEN 'stolen_card' END,
           'scene', CASE WHEN other % 10 = 3 THEN 'H5' END,
           'refusal', CASE WHEN state = 'REFUSED'
                           THEN jsonb_build_object('code', 'insufficient_funds') END))::text,
           'UTF8'),
       nullif(method, 'balance'), 'A-' || n
FROM stands;

INSERT INTO payments.open (payment, due_at)
SELECT id, $1::timestamptz + interval '20 minutes' FROM stands WHERE state = 'IN_REVIEW';

INSERT INTO payments.refund (id, created_at, updated_at, amount, state, payment, payer, payee,
    currency, method, reason)
SELECT pg_temp.made('rfd', at + interval '2 hours', n), at + interval '2 hours',
       at + interval '2 hours' + (other || ' minutes')::interval, amount, 'SUCCEEDED', id, payer,
       payee, 'CNY', method, 'sent back'
FROM stands WHERE state = 'SUCCEEDED' AND dice >= 990 AND at < $1::timestamptz - interval '2 hours';

INSERT INTO ledger.entry (id, debit, credit, asset, amount, at)
SELECT s.id, d.number, c.number, 'CNY', s.amount, s.at
FROM stands s
JOIN ledger.account d ON d.key = CASE WHEN s.method = 'balance' THEN s.payer || '/balance/CNY'
                                      ELSE 'anfu/channel-sandbox/CNY' END
JOIN ledger.account c ON c.key = s.payee || '/balance/CNY'
WHERE s.state = 'SUCCEEDED';

INSERT INTO risk.case (id, opened_at, policy, currency, state, grade, score, amount, at_stake,
    count, queue, holder, due_at, waiting_at, responded_at, closed_at)
SELECT pg_temp.made('cas', at, n), at, '0123456789abcdef', 'CNY',
       CASE WHEN at < $1::timestamptz - interval '1 hour' THEN 'CLOSED' ELSE 'OPEN' END,
       CASE WHEN other < 300 THEN 'HIGH' ELSE 'GENERAL' END, 700, amount,
       CASE WHEN at < $1::timestamptz - interval '1 hour' THEN 0 ELSE amount END, 1, 'review', NULL,
       at + interval '30 minutes', at,
       CASE WHEN at < $1::timestamptz - interval '1 hour'
            THEN at + (other || ' seconds')::interval END,
       CASE WHEN at < $1::timestamptz - interval '1 hour' THEN at + interval '20 minutes' END
FROM stands WHERE dice BETWEEN 30 AND 39;

INSERT INTO risk.case_item (decision, case_id, event, at, amount, grade, score, held)
SELECT decision, pg_temp.made('cas', at, n), id, at, amount, 'GENERAL', 700, false
FROM stands WHERE dice BETWEEN 30 AND 39;

INSERT INTO risk.decision (id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside)
SELECT s.decision, s.at, CASE WHEN s.state = 'BLOCKED' THEN 900 ELSE 12 END,
       CASE WHEN s.state = 'BLOCKED' THEN 'BLOCK' ELSE 'ALLOW' END,
       CASE WHEN s.state = 'BLOCKED' THEN 'HIGH' ELSE 'LOW' END,
       CASE WHEN s.state = 'BLOCKED' THEN 'AMOUNT_FAR_ABOVE_USUAL' ELSE '' END, p.catalogue,
       p.rule_set, p.facts, p.beside
FROM stands s, (SELECT * FROM risk.decision ORDER BY id LIMIT 1) AS p
WHERE s.n % 10 = 0 OR s.dice BETWEEN 500 AND 509;

INSERT INTO risk.label (payment, label, at, source, decision, told_at)
SELECT id, CASE WHEN other < 5 THEN 'FRAUD' ELSE 'HONEST' END, at + interval '1 day', 'dispute',
       decision, at + interval '1 day'
FROM stands WHERE dice BETWEEN 500 AND 509 AND at < $1::timestamptz - interval '1 day';

INSERT INTO storage.event (id, kind, object_id, owner, at, body)
SELECT pg_temp.made('evt', at, n), 'payment.' || lower(state), id, payee, at, convert_to(
    '{"id":"' || pg_temp.made('evt', at, n) || '","object":"event","kind":"payment.succeeded",'
    '"created_at":"2026-11-01T00:00:00Z","data":{"id":"' || id || '","payer":"' || payer || '"}}',
    'UTF8')
FROM stands WHERE n % 10 = 0;

INSERT INTO storage.delivery (id, event_id, object_id, endpoint_id, owner, state, next_at,
    attempts, answered, finished_at)
SELECT pg_temp.made('dlv', at, n), pg_temp.made('evt', at, n), id, 'whe_hot', payee,
       CASE WHEN other < 2 THEN 'DEAD' ELSE 'DELIVERED' END, at, 1, 200, at
FROM stands WHERE n % 10 = 0;

DROP TABLE made, stands

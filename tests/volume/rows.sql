-- What stands in the tables of the payments in `stands`; the one value is the present.
INSERT INTO payments.payment (id, created_at, occurred_at, updated_at, amount, refunded, state,
    payer, payee, currency, method, decision, detail, channel, merchant_order)
SELECT 'pay_' || tail, at, at, at + other * interval '1 millisecond', amount,
       CASE WHEN state = 'SUCCEEDED' AND dice >= 990 THEN amount ELSE 0 END, state, payer, payee,
       'CNY', method, 'dec_' || tail,
       convert_to('{"order":"A-' || n || '","description":"goods of order ' || n
           || '","factors":["password","sms_code"],"outcome":"ALLOW"'
           || CASE state WHEN 'FAILED' THEN ',"failure":"stolen_card"'
                  WHEN 'REFUSED' THEN ',"refusal":{"code":"insufficient_funds"}'
                  WHEN 'BLOCKED' THEN ',"reasons":["AMOUNT_FAR_ABOVE_USUAL"]'
                  WHEN 'IN_REVIEW' THEN ',"reasons":["AMOUNT_FAR_ABOVE_USUAL"]' ELSE '' END
           || CASE WHEN other % 10 = 3 THEN ',"scene":"H5"}' ELSE '}' END, 'UTF8'),
       nullif(method, 'balance'), 'A-' || n
FROM stands;

INSERT INTO payments.open (payment, due_at)
SELECT 'pay_' || tail, $1::timestamptz + interval '20 minutes' FROM stands
WHERE state = 'IN_REVIEW';

INSERT INTO payments.refund (id, created_at, updated_at, amount, state, payment, payer, payee,
    currency, method, reason)
SELECT 'rfd_' || tail, at, at + other * interval '1 minute', amount, 'SUCCEEDED', 'pay_' || tail,
       payer, payee, 'CNY', method, 'sent back'
FROM stands WHERE state = 'SUCCEEDED' AND dice >= 990;

INSERT INTO ledger.entry (id, debit, credit, asset, amount, at)
SELECT 'pay_' || tail, CASE WHEN method = 'balance' THEN payer_account ELSE number END,
       payee_account, 'CNY', amount, at
FROM stands, ledger.account WHERE state = 'SUCCEEDED' AND key = 'anfu/channel-sandbox/CNY';

INSERT INTO risk.case (id, opened_at, policy, currency, state, grade, score, amount, at_stake,
    count, queue, due_at, waiting_at, responded_at, closed_at)
SELECT 'cas_' || tail, at, '0123456789abcdef', 'CNY', CASE WHEN old THEN 'CLOSED' ELSE 'OPEN' END,
       CASE WHEN other < 300 THEN 'HIGH' ELSE 'GENERAL' END, 700, amount,
       CASE WHEN old THEN 0 ELSE amount END, 1, 'review', at + interval '30 minutes', at,
       CASE WHEN old THEN at + other * interval '1 second' END,
       CASE WHEN old THEN at + interval '20 minutes' END
FROM (SELECT *, at < $1::timestamptz - interval '1 hour' AS old FROM stands
      WHERE dice BETWEEN 30 AND 39) AS cases;

INSERT INTO risk.case_item (decision, case_id, event, at, amount, grade, score, held)
SELECT 'dec_' || tail, 'cas_' || tail, 'pay_' || tail, at, amount, 'GENERAL', 700, false
FROM stands WHERE dice BETWEEN 30 AND 39;

INSERT INTO risk.decision (id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside)
SELECT 'dec_' || tail, s.at, CASE WHEN s.state = 'BLOCKED' THEN 900 ELSE 12 END,
       CASE WHEN s.state = 'BLOCKED' THEN 'BLOCK' ELSE 'ALLOW' END,
       CASE WHEN s.state = 'BLOCKED' THEN 'HIGH' ELSE 'LOW' END,
       CASE WHEN s.state = 'BLOCKED' THEN 'AMOUNT_FAR_ABOVE_USUAL' ELSE '' END, p.catalogue,
       p.rule_set, p.facts, p.beside
FROM stands s, (SELECT * FROM risk.decision ORDER BY at DESC, id DESC LIMIT 1) AS p
WHERE s.n % 10 = 0 OR s.dice BETWEEN 500 AND 509;

INSERT INTO risk.label (payment, label, at, source, decision, told_at)
SELECT 'pay_' || tail, CASE WHEN other < 5 THEN 'FRAUD' ELSE 'HONEST' END, at + interval '1 day',
       'dispute', 'dec_' || tail, at + interval '1 day'
FROM stands WHERE dice BETWEEN 500 AND 509 AND at < $1::timestamptz - interval '1 day';

INSERT INTO storage.event (id, kind, object_id, owner, at, body)
SELECT 'evt_' || tail, 'payment.' || lower(state), 'pay_' || tail, payee, at, convert_to(
    '{"id":"evt_' || tail || '","object":"event","kind":"payment.succeeded",'
    '"created_at":"2026-11-01T00:00:00Z","data":{"id":"pay_' || tail || '","payer":"' || payer
    || '"}}', 'UTF8')
FROM stands WHERE n % 10 = 0;

INSERT INTO storage.delivery (id, event_id, object_id, endpoint_id, owner, state, next_at,
    attempts, answered, finished_at)
SELECT 'dlv_' || tail, 'evt_' || tail, 'pay_' || tail, 'whe_hot', payee,
       CASE WHEN other < 2 THEN 'DEAD' ELSE 'DELIVERED' END, at, 1, 200, at
FROM stands WHERE n % 10 = 0;

DROP TABLE stands

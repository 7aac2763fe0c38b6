-- What the pages of staff look for. The merchant's own number of an order was only in the detail.
ALTER TABLE payments.payment ADD COLUMN merchant_order text COLLATE "C";
UPDATE payments.payment SET merchant_order = convert_from(detail, 'UTF8')::jsonb ->> 'order'
    WHERE convert_from(detail, 'UTF8')::jsonb ? 'order';
CREATE INDEX payment_merchant_order ON payments.payment (merchant_order)
    WHERE merchant_order IS NOT NULL;

-- Accounts of one kind; the key never changes, so that the counters' updates stay heap-only.
CREATE INDEX account_kind ON ledger.account (split_part(key, '/', 2), key);

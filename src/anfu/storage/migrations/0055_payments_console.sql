-- What staff look for: the merchant's own number of an order was only in the detail. It is written
-- once, so that an update of the payment leaves the index alone.
ALTER TABLE payments.payment ADD COLUMN merchant_order text COLLATE "C";
UPDATE payments.payment SET merchant_order = convert_from(detail, 'UTF8')::jsonb ->> 'order'
    WHERE convert_from(detail, 'UTF8')::jsonb ? 'order';
CREATE INDEX payment_merchant_order ON payments.payment (merchant_order)
    WHERE merchant_order IS NOT NULL;

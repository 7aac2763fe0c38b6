-- What is drawn under a mandate.

-- The mandate a payment is drawn under; its sums of a day and a month are read from here.
ALTER TABLE payments.payment ADD COLUMN mandate text COLLATE "C";
CREATE INDEX payment_mandate ON payments.payment (mandate, occurred_at)
    WHERE mandate IS NOT NULL;

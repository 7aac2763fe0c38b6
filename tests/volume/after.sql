CREATE INDEX payment_payee ON payments.payment (payee, id);
CREATE INDEX payment_payer ON payments.payment (payer, id);
CREATE INDEX payment_merchant_order ON payments.payment (merchant_order)
    WHERE merchant_order IS NOT NULL;
CREATE INDEX entry_debit ON ledger.entry (debit, at);
CREATE INDEX entry_credit ON ledger.entry (credit, at);

"""Every sealed column of every table. A test compares the list with the database: a column of
bytes that is in no list fails it."""

from __future__ import annotations

from anfu.storage.sealed import SealedColumn

SEALED = (
    SealedColumn("parties.customer", "sealed"),
    SealedColumn("parties.onboarding", "sealed"),
    SealedColumn("parties.verification", "sealed"),
    SealedColumn("parties.firm", "sealed"),
    SealedColumn("parties.ownership", "sealed"),
    SealedColumn("parties.application", "sealed"),
    SealedColumn("parties.api_key", "sealed"),
    SealedColumn("parties.webhook_endpoint", "sealed"),
    SealedColumn("parties.webhook_endpoint", "old_sealed"),
    SealedColumn("parties.emergency", "sealed"),
    SealedColumn("payments.payment", "network_payer"),
    SealedColumn("payments.feedback", "comment"),
    SealedColumn("risk.case_note", "sealed"),
    SealedColumn("risk.case_attachment", "sealed"),
    SealedColumn("risk.case_attachment", "content", most=20),
    SealedColumn("settlement.terms", "sealed"),
    SealedColumn("channels.text", "sealed"),
    SealedColumn("channels.development_message", "sealed"),
    SealedColumn("settlement.bill_part", "content", most=4),
)

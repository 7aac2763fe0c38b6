"""The statement of a day: bank to customer statement, camt.053.001.08.

Read are the closing balance (CLBD) and the booked entries; of an entry its amount and side, the
bank's reference, and the end-to-end id of the payment it is about. It is a return where the bank
marks it as a reversal (RvslInd) or gives a reason of return (RtrInf) [M]: banks differ.
"""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

from anfu.channels.banks.elements import amount_of, malformed, read, text_of
from anfu.channels.banks.port import Booking, Statement
from anfu.kernel.errors import Refused

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_NAME = "BkToCstmrStmt"
_CLOSING, _BOOKED, _CREDIT = "CLBD", "BOOK", "CRDT"


def read_statement(message: bytes, day: date, currency: str) -> Statement:
    """Raises Refused: bank_message_malformed, bank_message_misplaced (another day or currency)."""
    found = read(message, NAMESPACE, _NAME).find("Stmt")
    if found is None:
        raise malformed("Stmt")
    closing = [b for b in found.iterfind("Bal") if b.findtext("Tp/CdOrPrtry/Cd") == _CLOSING]
    if len(closing) != 1:
        raise malformed("Bal")
    amount, in_currency = _signed(closing[0])
    if (text_of(closing[0], "Dt/Dt"), in_currency) != (day.isoformat(), currency):
        raise Refused("bank_message_misplaced", field="message")
    booked = [e for e in found.iterfind("Ntry") if e.findtext("Sts/Cd") == _BOOKED]
    return Statement(day, currency, amount, [_booking(entry) for entry in booked])


def _booking(entry: Element) -> Booking:
    amount, _ = _signed(entry)
    transfer = entry.findtext("NtryDtls/TxDtls/Refs/EndToEndId")
    returned = entry.findtext("RvslInd") == "true" or (
        entry.find("NtryDtls/TxDtls/RtrInf") is not None
    )
    return Booking(amount, text_of(entry, "AcctSvcrRef"), transfer, returned)


def _signed(element: Element) -> tuple[int, str]:
    amount, currency = amount_of(element, "Amt")
    return (amount if text_of(element, "CdtDbtInd") == _CREDIT else -amount), currency

"""The payment file: customer credit transfer initiation, pain.001.001.03 or pain.001.001.09.

The elements come in the order of the schemas; what differs between the two is the date (03: plain,
09: a choice). Banks are named by their CNAPS number as member of the clearing system `CNAPS`.

GrpHdr: MsgId CreDtTm NbOfTxs CtrlSum InitgPty/Nm
PmtInf: PmtInfId PmtMtd NbOfTxs CtrlSum ReqdExctnDt Dbtr DbtrAcct DbtrAgt CdtTrfTxInf*
CdtTrfTxInf: PmtId/EndToEndId Amt/InstdAmt CdtrAgt Cdtr CdtrAcct RmtInf/Ustrd
"""

from __future__ import annotations

from enum import StrEnum
from xml.etree.ElementTree import Element

from anfu.channels.banks.elements import decimal, document, put, put_amount, written
from anfu.channels.banks.port import Party, PaymentFile, Transfer

_CLEARING = "CNAPS"
# Max140Text of the schemas.
_NAME_MAX, _TEXT_MAX = 140, 140


class Version(StrEnum):
    """Of the message; the value is its namespace."""

    V03 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
    V09 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def payment_file(file: PaymentFile, version: Version = Version.V09) -> bytes:
    """The XML of a file: the same bytes for the same file."""
    root, message = document(version, "CstmrCdtTrfInitn")
    total = decimal(sum(transfer.amount for transfer in file.transfers), file.currency)
    count = str(len(file.transfers))
    header = put(message, "GrpHdr")
    put(header, "MsgId", file.id)
    put(header, "CreDtTm", file.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    put(header, "NbOfTxs", count)
    put(header, "CtrlSum", total)
    put(header, "InitgPty/Nm", file.debtor.name[:_NAME_MAX])
    payment = put(message, "PmtInf")
    put(payment, "PmtInfId", file.id)
    put(payment, "PmtMtd", "TRF")
    put(payment, "NbOfTxs", count)
    put(payment, "CtrlSum", total)
    put(payment, "ReqdExctnDt" if version is Version.V03 else "ReqdExctnDt/Dt",
        file.day.isoformat())  # fmt: skip
    _debtor(payment, file.debtor, file.currency)
    for transfer in file.transfers:
        _transfer(put(payment, "CdtTrfTxInf"), transfer, file.currency)
    return written(root)


def _debtor(parent: Element, debtor: Party, currency: str) -> None:
    put(parent, "Dbtr/Nm", debtor.name[:_NAME_MAX])
    account = put(parent, "DbtrAcct")
    put(account, "Id/Othr/Id", debtor.account)
    put(account, "Ccy", currency)
    _bank(put(parent, "DbtrAgt"), debtor.bank_code)


def _transfer(parent: Element, transfer: Transfer, currency: str) -> None:
    put(parent, "PmtId/EndToEndId", transfer.id)
    put_amount(parent, "Amt/InstdAmt", transfer.amount, currency)
    _bank(put(parent, "CdtrAgt"), transfer.creditor.bank_code)
    put(parent, "Cdtr/Nm", transfer.creditor.name[:_NAME_MAX])
    put(parent, "CdtrAcct/Id/Othr/Id", transfer.creditor.account)
    put(parent, "RmtInf/Ustrd", transfer.text[:_TEXT_MAX])


def _bank(agent: Element, code: str) -> None:
    member = put(agent, "FinInstnId/ClrSysMmbId")
    put(member, "ClrSysId/Cd", _CLEARING)
    put(member, "MmbId", code)

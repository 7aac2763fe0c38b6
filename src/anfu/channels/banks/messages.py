"""What a bank writes: pain.002 and camt.053, for the simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element

from anfu.channels.banks import camt053, pain002
from anfu.channels.banks.elements import document, put, put_amount, written

_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Line:
    """A payment of a file: its ISO 20022 status, minor units, and why it was rejected."""

    status: str
    amount: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A movement of the account: minor units, positive when money came in."""

    day: date
    amount: int
    reference: str
    transfer: str | None = None
    returned: bool = False


def report_message(file: str, lines: Mapping[str, Line], at: datetime) -> str:
    """A pain.002 on a file."""
    root, message = document(pain002.NAMESPACE, "CstmrPmtStsRpt")
    put(message, "GrpHdr/MsgId", f"rpt-{file[-26:]}")
    put(message[0], "CreDtTm", _time(at))
    group = put(message, "OrgnlGrpInfAndSts")
    put(group, "OrgnlMsgId", file)
    put(group, "OrgnlMsgNmId", "pain.001")
    payment = put(message, "OrgnlPmtInfAndSts")
    put(payment, "OrgnlPmtInfId", file)
    for id_, line in lines.items():
        one = put(payment, "TxInfAndSts")
        put(one, "OrgnlEndToEndId", id_)
        put(one, "TxSts", line.status)
        if line.reason is not None:
            put(one, "StsRsnInf/Rsn/Cd", line.reason)
        put(one, "AcctSvcrRef", f"bk-{id_}")
    return written(root).decode()


def statement_message(day: date, closing: int, rows: Sequence[Row], at: datetime) -> str:
    """A camt.053 of a day."""
    root, message = document(camt053.NAMESPACE, "BkToCstmrStmt")
    put(message, "GrpHdr/MsgId", f"stm-{day.isoformat()}")
    put(message[0], "CreDtTm", _time(at))
    statement = put(message, "Stmt")
    put(statement, "Id", f"stm-{day.isoformat()}")
    put(statement, "CreDtTm", _time(at))
    put(statement, "Acct/Id/Othr/Id", "reserve")
    balance = put(statement, "Bal")
    put(balance, "Tp/CdOrPrtry/Cd", "CLBD")
    _amount(balance, closing)
    put(balance, "Dt/Dt", day.isoformat())
    for row in rows:
        _entry(put(statement, "Ntry"), row)
    return written(root).decode()


def _entry(entry: Element, row: Row) -> None:
    _amount(entry, row.amount)
    if row.returned:
        put(entry, "RvslInd", "true")
    put(entry, "Sts/Cd", "BOOK")
    put(entry, "BookgDt/Dt", row.day.isoformat())
    put(entry, "AcctSvcrRef", row.reference)
    if row.transfer is not None:
        put(entry, "NtryDtls/TxDtls/Refs/EndToEndId", row.transfer)


def _amount(parent: Element, amount: int) -> None:
    put_amount(parent, "Amt", abs(amount), _CURRENCY)
    put(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")

"""camt.053.001.08, the bank's statement in ISO 20022: booked entries and balances.

Read with DTD and entities refused (defusedxml). Read are `Stmt/Ntry` with the status BOOK, an entry
with several transactions (`TxDtls` with amounts) as each of them, and the balances OPBD and CLBD,
which must agree with the entries. Everything else is left aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.money import MAX_MINOR
from anfu.settlement.reconciliation.bank.statement import (
    FILE_MAX,
    BankLine,
    Statement,
    malformed,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_NS = {"c": NAMESPACE}
_SIGNS = MappingProxyType({"CRDT": 1, "DBIT": -1})
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,5})?", re.ASCII)
_REFERENCES = ("AcctSvcrRef", "EndToEndId", "TxId", "InstrId", "PmtInfId")


def read_camt(content: bytes, *, name: str) -> Statement:
    """Raises Refused(bill_malformed)."""
    if len(content) > FILE_MAX:
        raise malformed("file", f"more than {FILE_MAX} bytes")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise malformed("XML", type(error).__name__) from None
    if root.tag != f"{{{NAMESPACE}}}Document":
        raise malformed("Document", NAMESPACE)
    lines: list[BankLine] = []
    closing: list[tuple[str, int]] = []
    for statement in root.iterfind("c:BkToCstmrStmt/c:Stmt", _NS):
        found = list(_lines(statement, len(lines)))
        closing += _balances(statement, found)
        lines += found
    days = [line.day for line in lines] + [
        _date(e) for e in root.iterfind("c:BkToCstmrStmt/c:Stmt/c:Bal/c:Dt/c:Dt", _NS)
    ]
    if not days:
        raise malformed("Stmt", "no entry and no balance")
    return Statement(name, min(days), max(days), tuple(lines), tuple(closing))


def _lines(statement: Element, before: int) -> Iterator[BankLine]:
    row = before
    for entry in statement.iterfind("c:Ntry", _NS):
        if _text(entry, "c:Sts/c:Cd") != "BOOK":
            continue
        whole = _amount(entry, "c:Amt", _text(entry, "c:CdtDbtInd"))
        day = _date(_one(entry, "c:BookgDt/c:Dt"))
        details = entry.findall("c:NtryDtls/c:TxDtls", _NS)
        parts = [(d, _amount(d, "c:Amt", _text(d, "c:CdtDbtInd"))) for d in details
                 if len(details) > 1 and d.find("c:Amt", _NS) is not None]  # fmt: skip
        if sum(amount for _, (amount, _) in parts) != whole[0] or len(parts) != len(details):
            parts = [(entry, whole)]
        for part, (amount, currency) in parts:
            row += 1
            yield BankLine(row, day, amount, currency, _references(part), _said(part))


def _balances(statement: Element, lines: list[BankLine]) -> Iterator[tuple[str, int]]:
    """The closing balances, once opening and entries are seen to come to them."""
    moved: Counter[str] = Counter()
    for line in lines:
        moved[line.currency] += line.amount
    told: dict[tuple[str, str], int] = {}
    for balance in statement.iterfind("c:Bal", _NS):
        code = _text(balance, "c:Tp/c:CdOrPrtry/c:Cd")
        amount, currency = _amount(balance, "c:Amt", _text(balance, "c:CdtDbtInd"))
        told[code, currency] = amount
    for (code, currency), amount in told.items():
        if code == "CLBD":
            opening = told.get(("OPBD", currency))
            if opening is not None and opening + moved[currency] != amount:
                raise malformed("CLBD", "opening balance and entries do not come to it")
            yield currency, amount


def _references(part: Element) -> tuple[str, ...]:
    found = [e.text.strip() for tag in _REFERENCES for e in part.iter(f"{{{NAMESPACE}}}{tag}")
             if e.text and e.text.strip() != "NOTPROVIDED"]  # fmt: skip
    return tuple(dict.fromkeys(found))


def _said(part: Element) -> str:
    tags = ("Ustrd", "AddtlNtryInf", "AddtlTxInf", "Nm")
    return " ".join(e.text.strip() for tag in tags for e in part.iter(f"{{{NAMESPACE}}}{tag}")
                    if e.text)[:2000]  # fmt: skip


def _amount(element: Element, path: str, sign: str) -> tuple[int, str]:
    found = _one(element, path)
    currency = found.get("Ccy", "")
    if currency not in EXPONENTS or sign not in _SIGNS:
        raise malformed("Amt", "currency or CdtDbtInd")
    return _SIGNS[sign] * minor_units(found.text or "", currency, place="Amt"), currency


def minor_units(text: str, currency: str, *, place: str) -> int:
    """`"12.34"` in minor units. Raises Refused(bill_malformed)."""
    if _DECIMAL.fullmatch(text.strip()) is None:
        raise malformed(place, "no amount")
    exact = Decimal(text.strip()).scaleb(EXPONENTS[currency])
    if exact != exact.to_integral_value() or abs(exact) > MAX_MINOR:
        raise malformed(place, "no whole number of minor units")
    return int(exact)


def _date(element: Element) -> date:
    try:
        return date.fromisoformat((element.text or "").strip())
    except ValueError:
        raise malformed("Dt", "no date") from None


def _one(element: Element, path: str) -> Element:
    found = element.find(path, _NS)
    if found is None:
        raise malformed(path.replace("c:", ""), "missing")
    return found


def _text(element: Element, path: str) -> str:
    return (_one(element, path).text or "").strip()

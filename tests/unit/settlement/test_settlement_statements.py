"""Our bank's statement: camt.053 and a bank's own columns, and what is refused of either."""

from __future__ import annotations

from datetime import date

import pytest

from anfu.kernel.errors import Refused
from anfu.settlement.reconciliation.bank.camt import NAMESPACE, read_camt
from anfu.settlement.reconciliation.bank.columns import Columns, columns_of, read_columns
from anfu.settlement.reconciliation.bank.statement import BankLine

CAMT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><Stmt><Id>S1</Id>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10.00</Amt>
 <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">108.40</Amt>
 <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-24</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">99.40</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
 <BookgDt><Dt>2026-11-24</Dt></BookgDt><AcctSvcrRef>B7</AcctSvcrRef>
 <NtryDtls>
  <TxDtls><Refs><EndToEndId>payout-1</EndToEndId></Refs><Amt Ccy="CNY">60.00</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>清算 NET</Ustrd></RmtInf></TxDtls>
  <TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="CNY">39.40</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd></TxDtls>
 </NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
 <BookgDt><Dt>2026-11-24</Dt></BookgDt><AddtlNtryInf>fee</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="CNY">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>""".encode()
DAY = date(2026, 11, 24)


def test_camt_053_gives_each_booked_transaction() -> None:
    told = read_camt(CAMT, name="s.xml")
    assert told.lines == (
        BankLine(1, DAY, 6_000, "CNY", ("payout-1",), "清算 NET"),
        BankLine(2, DAY, 3_940, "CNY", (), ""),
        BankLine(3, DAY, -100, "CNY", (), "fee"),
    )
    assert (told.first, told.last, told.closing) == (date(2026, 11, 23), DAY, (("CNY", 10_840),))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"108.40", b"108.41"),
        (b"99.40", b"99.405"),
        (b"99.40", b"1e999999999"),
        (b'<Amt Ccy="CNY">1.00', b'<Amt Ccy="ZZZ">1.00'),
        (b"2026-11-24</Dt></BookgDt>", b"24.11.2026</Dt></BookgDt>"),
        (b"053.001.08", b"053.001.02"),
        (b"</Document>", b""),
        (b"<Document", b'<!DOCTYPE d [<!ENTITY a "b">]><Document'),
        (b"<Document", b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document'),
        (b'encoding="UTF-8"', b'encoding="UTF-99"'),
    ],
)
def test_a_bad_camt_is_refused(old: bytes, new: bytes) -> None:
    assert old in CAMT
    with pytest.raises(Refused, match="bill_malformed"):
        read_camt(CAMT.replace(old, new, 1), name="s.xml")


TABLE = """
[sandbox]
[bank]
encoding = "gb18030"
day = "交易日期"
day_form = "%Y%m%d"
credit = "贷方发生额"
debit = "借方发生额"
references = ["流水号"]
text = ["对方户名"]
"""
CSV = (
    "交易日期,贷方发生额,借方发生额,流水号,对方户名\r\n"
    '20261124,"1,099.40",,B7,网联\r\n20261124,0,1.00,,\r\n'
)


def test_a_banks_own_columns_are_agreed_in_a_table() -> None:
    told = read_columns(CSV.encode("gb18030"), columns_of(TABLE), name="s.csv")
    assert told.lines == (
        BankLine(1, DAY, 109_940, "CNY", ("B7",), "网联"), BankLine(2, DAY, -100, "CNY", (), "")
    )  # fmt: skip
    with pytest.raises(Refused, match="setting_invalid"):
        columns_of("[bank]\nday = 7")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("贷方发生额,借", "贷方,借"), ("1,099.40", "1,099.405"), ("20261124,0", "2026-11-24,0"),
        (",0,1.00", ",2,1.00"), (",0,1.00", ",0,-1.00"), (",0,1.00", ",0,0"),
        ("网联", "x" * 5_000), ("\"1,0", "\"1,0\"0"),
    ],
)  # fmt: skip
def test_a_bad_csv_is_refused(old: str, new: str) -> None:
    assert old in CSV
    with pytest.raises(Refused, match="bill_malformed"):
        read_columns(CSV.replace(old, new, 1).encode("gb18030"), columns_of(TABLE), name="s.csv")


def test_a_csv_in_another_encoding_is_refused() -> None:
    columns = Columns("交易日期", "贷方发生额", "借方发生额", ("流水号",))
    for encoding in ("utf-8-sig", "no-such-encoding"):
        with pytest.raises(Refused, match="bill_malformed"):
            read_columns(CSV.encode("gb18030"), Columns(
                columns.day, columns.credit, columns.debit, ("流水号",), encoding=encoding
            ), name="s.csv")  # fmt: skip

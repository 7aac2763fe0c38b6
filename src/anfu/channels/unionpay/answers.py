"""What UnionPay's verified answers mean as a `ChannelAnswer`. Pure."""

from __future__ import annotations

from anfu.channels.port import ChannelAnswer
from anfu.channels.unionpay.messages import CURRENCIES, Fields
from anfu.channels.unionpay.reasons import FINAL, Kind, Meaning, meaning, refund_meaning
from anfu.kernel.errors import Outcome, OutsideFailure

_CURRENCIES = {number: code for code, number in CURRENCIES.items()}


def read_result(said: Fields, *, refund: bool) -> tuple[Meaning, str]:
    """What a query found, and the code that says so. An answer other than 00 is about the query:
    of those only "not known" says something of what was asked for."""
    code = said.get("respCode", "")
    if code == "00":
        code = said.get("origRespCode", "")
        found = refund_meaning(code) if refund else meaning(code)
        return found, code
    found = meaning(code)
    return (found if found.kind is Kind.MISSING else Meaning(Kind.ERROR, found.reason)), code


def answer_of(said: Fields, found: Meaning, code: str, *, asked: tuple[int, str]) -> ChannelAnswer:
    if found.kind is Kind.DONE:
        return done_of(said, code, asked)
    return end_of(found, code)


def end_of(found: Meaning, code: str) -> ChannelAnswer:
    outcome = Outcome.NOT_DONE if found.kind in FINAL else Outcome.UNKNOWN
    return ChannelAnswer(outcome, None, found.reason, said=code)


def done_of(said: Fields, code: str, asked: tuple[int, str]) -> ChannelAnswer:
    text, reference = said.get("txnAmt", ""), said.get("queryId", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and reference):
        return ChannelAnswer(Outcome.UNKNOWN, None, "answer_untrusted", said=code)
    moved = int(text), _CURRENCIES.get(said.get("currencyCode", ""), "")
    if moved != asked:
        return ChannelAnswer(Outcome.UNKNOWN, reference, "amount_mismatch", *moved, said=code)
    return ChannelAnswer(Outcome.DONE, reference, None, *moved, said=code)


def failure_of(failure: OutsideFailure, *, first: bool) -> ChannelAnswer:
    """What was not sent now may have been sent before, unless this was the first time."""
    outcome = failure.outcome if first else Outcome.UNKNOWN
    return ChannelAnswer(outcome, None, failure.reason)


def unsent(reason: str, *, first: bool) -> ChannelAnswer:
    return ChannelAnswer(Outcome.NOT_DONE if first else Outcome.UNKNOWN, None, reason)

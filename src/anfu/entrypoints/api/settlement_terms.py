"""Settlement terms of a merchant: proposed by one person, approved by another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.compliance.switch import is_allowed
from anfu.entrypoints.api.challenges import veiled
from anfu.entrypoints.api.documents import Currency, Name, Personal, Request, Text
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.money import MAX_MINOR
from anfu.parties.applications.application import parse_account
from anfu.parties.party import clean_text
from anfu.parties.person import mask_middle, mask_name
from anfu.parties.queries import get_merchant
from anfu.payments.document import encode, rfc3339
from anfu.settlement.terms.approve import approve
from anfu.settlement.terms.cycle import Cycle, Kind
from anfu.settlement.terms.document import agreed_document
from anfu.settlement.terms.fee import Fee, Tier
from anfu.settlement.terms.propose import Wish, propose
from anfu.settlement.terms.queries import list_terms
from anfu.settlement.terms.terms import Agreed, BankAccount, Retention, Terms, check_bank_code
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR, description="Minor units.")]
Rate = Annotated[int, Meta(ge=0, le=10_000, description="Basis points.")]
Days = Annotated[int, Meta(ge=0, le=365)]


class CycleForm(Request, frozen=True):
    """`weekday`: the last day of a week, 1 Monday to 7 Sunday, for WEEKLY alone; `credit_days`: how
    long after the month it is payable, for MONTHLY alone."""

    kind: Kind
    weekday: Annotated[int, Meta(ge=1, le=7)] | None = None
    credit_days: Days = 0


class TierForm(Request, frozen=True):
    """From which volume of the month on, and at which rate."""

    volume: Minor
    rate_bp: Rate


class FeeForm(Request, frozen=True):
    """`least`, `most`: of one payment; `returned`: a refund gives its share back."""

    tiers: Annotated[tuple[TierForm, ...], Meta(min_length=1, max_length=20)]
    least: Minor = 0
    most: Minor | None = None
    returned: bool = True


class RetentionForm(Request, frozen=True):
    """So much of what is paid is kept back for so many days."""

    rate_bp: Rate = 0
    days: Days = 0


class AccountForm(Request, frozen=True):
    """The bank account it is paid out to, in the merchant's own name; `bank_code`: of CNAPS."""

    holder: Name
    number: Name
    bank: Name
    bank_code: Name


class TermsForm(Request, frozen=True):
    """`from_day`: in force from this civil day on; `minimum`: less than that is carried forward."""

    from_day: date
    cycle: CycleForm
    fee: FeeForm
    account: AccountForm
    reason: Text
    currency: Currency = "CNY"
    minimum: Minor = 0
    retention: RetentionForm = RetentionForm()


class AccountDocument(Struct, frozen=True):
    """The bank account, masked."""

    holder: Personal
    number: Personal
    bank: str
    bank_code: str


class TermsDocument(Struct, frozen=True):
    """A version of the terms; without `approved_by` it is not in force."""

    id: str
    object: Literal["settlement_terms"]
    merchant: str
    currency: str
    from_day: str
    cycle: CycleForm
    minimum: int
    fee: FeeForm
    retention: RetentionForm
    account: AccountDocument
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None


class TermsList(Struct, frozen=True):
    """Every version, the newest first."""

    object: Literal["list"]
    data: list[TermsDocument]


async def list_(call: Call) -> Answer:
    """Every version."""
    merchant = call.path["merchant"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await get_merchant(tx, merchant, merchant=call.merchant)
        found = await list_terms(tx, merchant, ring=call.desk.tools.sealer.ring)
    call.saw(merchant)
    return Answer(200, encode({"object": "list", "data": [describe(one) for one in found]}))


async def create(call: Call) -> Answer:
    """Propose a version."""
    wish = wish_of(call.body, call.path["merchant"], call.person)

    async def work(tx: Tx) -> Answer:
        made = await propose(tx, call.desk.tools, wish, now=call.now)
        return Answer(201, msgspec.json.encode(made.id))

    tools, claim = call.desk.tools, veiled(call, call.once)
    return await _told(call, await idempotency.once(tools.database, claim, work, now=call.now))


async def approve_(call: Call) -> Answer:
    """Bring a version into force."""

    async def work(tx: Tx) -> Answer:
        named = (call.path["merchant"], call.path["terms"])
        found = await approve(
            tx, call.desk.tools, named, call.person, same_day=is_allowed, now=call.now
        )
        return Answer(200, msgspec.json.encode(found.id))

    database = call.desk.tools.database
    return await _told(call, await idempotency.once(database, call.once, work, now=call.now))


async def _told(call: Call, answer: Answer) -> Answer:
    """What is remembered is the id alone: the account stands nowhere but in its row."""
    id_, merchant = msgspec.json.decode(answer.body), call.path["merchant"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        versions = await list_terms(tx, merchant, ring=call.desk.tools.sealer.ring)
    for found in versions:
        if found.id == id_:
            call.saw(merchant)
            return Answer(answer.status, encode(describe(found)))
    raise BrokenInvariant(f"terms {id_} are gone")


def wish_of(form: TermsForm, merchant: str, by: str) -> Wish:
    """Raises Refused: holder_invalid, bank_invalid, account_invalid, settlement_terms_invalid."""
    account, fee, cycle = form.account, form.fee, form.cycle
    return Wish(
        merchant, form.currency, form.from_day,
        Agreed(
            Cycle(cycle.kind, cycle.weekday, cycle.credit_days),
            Fee([Tier(t.volume, t.rate_bp) for t in fee.tiers], fee.least, fee.most, fee.returned),
            form.minimum, Retention(form.retention.rate_bp, form.retention.days),
        ),
        BankAccount(
            clean_text(account.holder, field="holder"),
            parse_account(account.number, field="account.number"),
            clean_text(account.bank, field="bank"), check_bank_code(account.bank_code),
        ),
        form.reason, by,
    )  # fmt: skip


def describe(terms: Terms) -> dict[str, Any]:
    """Terms as JSON values, the account masked."""
    account = terms.account
    return {
        "id": terms.id, "object": "settlement_terms", "merchant": terms.merchant,
        "currency": terms.currency, "from_day": terms.from_day.isoformat(),
        **agreed_document(terms.agreed),
        "account": {
            "holder": mask_name(account.holder), "number": mask_middle(account.number),
            "bank": account.bank, "bank_code": account.bank_code,
        },
        "reason": terms.reason, "proposed_by": terms.proposed_by,
        "proposed_at": rfc3339(terms.proposed_at), "approved_by": terms.approved_by,
        "approved_at": terms.approved_at and rfc3339(terms.approved_at),
    }  # fmt: skip


_PATH = "/v1/merchants/{merchant}/settlement-terms"
EXAMPLE = {
    "from_day": "2026-12-01", "cycle": {"kind": "NEXT_WORKING_DAY"}, "minimum": 100,
    "fee": {"tiers": [{"volume": 0, "rate_bp": 38}, {"volume": 100_000_000, "rate_bp": 30}],
            "least": 1},
    "retention": {"rate_bp": 500, "days": 30},
    "account": {"holder": "福州街角茶饮有限公司", "number": "35001234567890123456",
                "bank": "福州银行", "bank_code": "313391080007"},
    "reason": "contract 2026-117",
}  # fmt: skip
OPERATIONS = (
    Operation("list_settlement_terms", "GET", _PATH, "What is agreed with a merchant about being"
              " paid.", list_, scope="settlements:read", answer=TermsList, personal=True,
              refusals=("merchant_not_found",)),
    Operation("propose_settlement_terms", "POST", _PATH, "Propose settlement terms.", create,
              scope="settlements:write", body=TermsForm, answer=TermsDocument, status=201,
              once=True, institution=True, personal=True, example=EXAMPLE,
              refusals=("merchant_not_found", "currency_not_supported", "holder_invalid",
                        "bank_invalid", "account_invalid", "settlement_terms_invalid",
                        "settlement_not_own", "settlement_terms_late")),
    Operation("approve_settlement_terms", "POST", _PATH + "/{terms}/approve", "Approve the terms"
              " another person proposed.", approve_, scope="proposals:write",
              answer=TermsDocument, once=True, institution=True, personal=True, standing=True,
              refusals=("settlement_terms_not_found", "settlement_terms_approved",
                        "settlement_terms_late", "second_person_needed",
                        "same_day_not_allowed")),
)  # fmt: skip

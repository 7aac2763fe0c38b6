"""Reconciliation: bills and their files, items, and what two people do about them."""

from __future__ import annotations

from functools import partial

from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.reconciliation_documents import (
    BillDocument,
    BillList,
    BillQuery,
    ItemDocument,
    ItemList,
    ItemQuery,
    TreatmentDocument,
    TreatmentForm,
)
from anfu.kernel.periods import civil_date
from anfu.payments.document import encode
from anfu.settlement.reconciliation import queries
from anfu.settlement.reconciliation.decide import Verdict, Wish, decide, propose
from anfu.settlement.reconciliation.document import bill_document, item_document
from anfu.settlement.reconciliation.fetch import content_of
from anfu.settlement.reconciliation.queries import Wanted
from anfu.settlement.reconciliation.replace import Verdict as VersionVerdict
from anfu.settlement.reconciliation.replace import decide_version
from anfu.storage.idempotency import Answer


async def list_bills(call: Call) -> Answer:
    """A page of bills."""
    query: BillQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        bills = await queries.list_bills(
            tx, limit=query.limit + 1, before=query.after, channel=query.channel, day=query.day
        )
        sums = await queries.find_sums(tx, [bill.id for bill in bills])
    said = [bill_document(bill, sums.get(bill.id, ())) for bill in bills]
    return Answer(200, page(said, query.limit))


async def get_bill(call: Call) -> Answer:
    """One bill and what it came to."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        bill = await queries.get_bill(tx, call.path["bill"])
        sums = await queries.sums_of(tx, bill.id)
    return Answer(200, encode(bill_document(bill, sums)))


async def get_file(call: Call) -> Answer:
    """The raw file."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        bill = await queries.get_bill(tx, call.path["bill"])
        content = await content_of(tx, call.desk.tools.sealer.ring, bill)
    return Answer(200, content)


async def decide_bill(call: Call, *, approved: bool) -> Answer:
    """Put another file for a day in place, or refuse it."""
    verdict = VersionVerdict(call.once, call.path["bill"], approved, call.person)
    return await decide_version(call.desk.reconciling, verdict, now=call.now)


async def list_items(call: Call) -> Answer:
    """A page of items."""
    q: ItemQuery = call.query
    wanted = Wanted(q.limit + 1, q.after, q.channel, q.day, q.state, q.tasked)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        items = await queries.list_items(tx, wanted)
    today = civil_date(call.now)
    return Answer(200, page([item_document(item, today=today) for item in items], q.limit))


async def get_item(call: Call) -> Answer:
    """One item and what was proposed about it."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        item = await queries.get_item(tx, call.path["item"])
        treatments = await queries.list_treatments(tx, item.id)
    return Answer(200, encode(item_document(item, treatments, today=civil_date(call.now))))


async def propose_treatment(call: Call) -> Answer:
    """Propose what to do about an item."""
    form: TreatmentForm = call.body
    wish = Wish(call.once, call.path["item"], form.act, form.target, form.reason, call.person)
    return await propose(call.desk.tools, wish, now=call.now)


async def decide_treatment(call: Call, *, approved: bool) -> Answer:
    """Carry out what another person proposed, or decline it."""
    path = call.path
    verdict = Verdict(call.once, path["item"], path["treatment"], approved, call.person)
    return await decide(call.desk.tools, call.desk.clock, verdict)


_ITEMS = "/v1/reconciliation-items"
_ITEM = _ITEMS + "/{item}"
_TREATMENT = _ITEM + "/treatments/{treatment}"
_FILE = ((b"content-disposition", b"attachment"), (b"x-content-type-options", b"nosniff"))
_BILL_DECIDED = ("bill_not_found", "bill_decided", "second_person_needed")
_DECIDED = ("item_not_found", "treatment_not_found", "treatment_decided", "second_person_needed")
_CARRIED_OUT = ("item_state", "item_without_money", "insufficient_funds", "account_not_found",
                "account_closed")  # fmt: skip
OPERATIONS = (
    Operation("list_bills", "GET", "/v1/bills", "List the bills of channels, newest first.",
              list_bills, scope="reconciliation:read", query=BillQuery, answer=BillList,
              institution=True),
    Operation("get_bill", "GET", "/v1/bills/{bill}", "Read what a bill came to.", get_bill,
              scope="reconciliation:read", answer=BillDocument, institution=True,
              refusals=("bill_not_found",)),
    # Not for whoever only reads: a file may name payers.
    Operation("get_bill_file", "GET", "/v1/bills/{bill}/file", "The raw file of a bill.",
              get_file, scope="reconciliation:write", institution=True,
              media="application/octet-stream", headers=_FILE, refusals=("bill_not_found",)),
    Operation("approve_bill", "POST", "/v1/bills/{bill}/approve", "Put another file for a day in"
              " the place of the former one.", partial(decide_bill, approved=True),
              scope="proposals:write", answer=BillDocument, once=True, institution=True,
              refusals=(*_BILL_DECIDED, "bill_in_use", "bill_malformed", "bill_missing",
                        "channel_unknown", "insufficient_funds", "account_not_found")),
    Operation("decline_bill", "POST", "/v1/bills/{bill}/decline", "Refuse another file for a day.",
              partial(decide_bill, approved=False), scope="proposals:write", answer=BillDocument,
              once=True, institution=True, refusals=_BILL_DECIDED),
    Operation("list_reconciliation_items", "GET", _ITEMS, "List what did not simply agree, newest"
              " first.", list_items, scope="reconciliation:read", query=ItemQuery,
              answer=ItemList, institution=True),
    Operation("get_reconciliation_item", "GET", _ITEM, "Read an item with its treatments.",
              get_item, scope="reconciliation:read", answer=ItemDocument, institution=True,
              refusals=("item_not_found",)),
    Operation("propose_treatment", "POST", _ITEM + "/treatments", "Propose what to do about an"
              " item.", propose_treatment, scope="reconciliation:write", body=TreatmentForm,
              answer=TreatmentDocument, status=201, once=True, institution=True,
              refusals=("item_not_found", "item_state", "item_without_money", "target_invalid",
                        "party_not_found", "treatment_open"),
              example={"act": "CLEAR", "target": "channel", "reason": "refunded by the network"}),
    Operation("approve_treatment", "POST", _TREATMENT + "/approve", "Carry out what another person"
              " proposed.", partial(decide_treatment, approved=True), scope="proposals:write",
              answer=TreatmentDocument, once=True, institution=True,
              refusals=(*_DECIDED, *_CARRIED_OUT)),
    Operation("decline_treatment", "POST", _TREATMENT + "/decline", "Decline what another person"
              " proposed.", partial(decide_treatment, approved=False), scope="proposals:write",
              answer=TreatmentDocument, once=True, institution=True, refusals=_DECIDED),
)  # fmt: skip

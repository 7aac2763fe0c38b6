"""Cases: the queue, one case with all there is to see, and what people do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from anfu.entrypoints.api.case_documents import (
    AssignForm,
    CaseDocument,
    CaseFigures,
    CaseList,
    CaseNoteForm,
    CaseQuery,
    FiguresQuery,
    GiveBackForm,
    HandOverForm,
    VerdictForm,
    WholeCase,
)
from anfu.entrypoints.api.case_view import whole_case
from anfu.entrypoints.api.decisions import people_of
from anfu.entrypoints.api.documents import BARRED, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.payments import handle
from anfu.payments.carry_out import carry_out
from anfu.payments.case_document import case_document
from anfu.payments.claim import Taking
from anfu.payments.claim import claim as take
from anfu.payments.conclude import Answering, Saying, conclude, confirm, decline
from anfu.payments.document import encode
from anfu.payments.handle import Handling, HandOver
from anfu.payments.tools import Tools
from anfu.risk.cases import queries
from anfu.risk.cases.case import Verdict
from anfu.risk.cases.queries import CasePage
from anfu.storage.idempotency import Answer


async def listed(call: Call) -> Answer:
    """A page of the queue."""
    query: CaseQuery = call.query
    wanted = CasePage(
        query.limit + 1, call.now, query.after, query.state, query.queue, query.holder,
        query.grade, query.event, query.late,
    )  # fmt: skip
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_cases(tx, wanted)
    return Answer(200, page([case_document(c, now=call.now) for c in found], query.limit))


async def get(call: Call) -> Answer:
    """One, with everything a person must see."""
    ring = call.desk.tools.sealer.ring
    async with call.desk.tools.database.transaction(readonly=True, snapshot=True) as tx:
        found = await queries.get_case(tx, call.path["case"])
        document = await whole_case(tx, found, ring=ring, now=call.now)
    call.saw(*people_of(item["facts"] for item in document["items"]))
    return Answer(200, encode(document))


async def figures(call: Call) -> Answer:
    """How the work goes."""
    query: FiguresQuery = call.query
    start = call.now - timedelta(days=query.days)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        standing = await queries.get_standing(tx, now=call.now)
        answers = await queries.get_responses(tx, start=start, end=call.now, now=call.now)
    document = {
        "object": "case_figures",
        "days": query.days,
        "open": [{"grade": c.grade, "age_s": c.age_s, "count": c.count} for c in standing.counts],
        "late": standing.late,
        "oldest_s": standing.oldest_s,
        "opened": answers.cases,
        "answered": answers.answered,
        "due": answers.due,
        "in_time": answers.in_time,
        "in_time_share": answers.in_time_share,
        "in_target": answers.in_target,
        "in_target_share": answers.in_target_share,
        "p50_s": answers.p50_s,
        "p95_s": answers.p95_s,
    }
    return Answer(200, encode(document))


async def claim(call: Call) -> Answer:
    """Take it."""
    return await take(
        call.desk.tools, Taking(call.once, call.path["case"], call.person), now=call.now
    )


async def assign(call: Call) -> Answer:
    """Put it into somebody's hands."""
    form: AssignForm = call.body
    return await _handle(call, handle.assign, replace(_handling(call), to=form.to))


async def give_back(call: Call) -> Answer:
    """Let anybody take it."""
    form: GiveBackForm = call.body
    return await _handle(call, handle.give_back, replace(_handling(call), queue=form.queue))


async def note(call: Call) -> Answer:
    """Write down what the next one should know."""
    form: CaseNoteForm = call.body
    return await _handle(call, handle.note, replace(_handling(call), text=form.text))


async def reopen(call: Call) -> Answer:
    """Look at it again."""
    form: CaseNoteForm = call.body
    return await _handle(call, handle.reopen, replace(_handling(call), text=form.text))


async def hand_over(call: Call) -> Answer:
    """Everything a person works on goes to another, or back into a queue."""
    form: HandOverForm = call.body
    if (form.to is None) is (form.queue is None):
        raise Refused("field_invalid", field="to", reason="either to or queue")
    holder = form.holder or call.person
    wish = HandOver(call.once, call.person, holder, form.to, form.queue, form.note)
    return await handle.hand_over(call.desk.tools, wish, now=call.now)


async def verdict(call: Call) -> Answer:
    """Say what becomes of it, and do it unless a second person must confirm."""
    form: VerdictForm = call.body
    if form.verdict is Verdict.RELEASE and call.by.emergency:
        raise Refused("emergency_not_allowed", field="verdict")
    wish = Saying(
        call.once, call.path["case"], call.person, form.verdict, form.reason, form.revision,
        form.decisions,
    )  # fmt: skip
    answer = await conclude(call.desk.tools, wish, now=call.now)
    await _carry_out(call)
    return answer


async def confirm_verdict(call: Call) -> Answer:
    """The second person agrees: it is done."""
    answer = await confirm(call.desk.tools, _answering(call), now=call.now)
    await _carry_out(call)
    return answer


async def decline_verdict(call: Call) -> Answer:
    """The second person does not agree, or the first one takes it back."""
    return await decline(call.desk.tools, _answering(call), now=call.now)


async def _carry_out(call: Call) -> None:
    """What is not done here, because something fails, is done by the worker."""
    for payment in await carry_out(call.desk.tools, call.path["case"], now=call.now):
        await call.desk.go_on(payment)


def _handling(call: Call) -> Handling:
    return Handling(call.once, call.path["case"], call.person)


def _answering(call: Call) -> Answering:
    return Answering(call.once, call.path["case"], call.person)


_Journey = Callable[..., Awaitable[Answer]]


async def _handle(call: Call, journey: _Journey, wish: Handling) -> Answer:
    tools: Tools = call.desk.tools
    return await journey(tools, wish, now=call.now)


_ONE = ("case_not_found",)
_HELD = (*_ONE, "case_closed", "case_not_claimed", "case_not_yours", "case_confirming")
_SECOND = (*_ONE, "case_nothing_said")
_READ, _WRITE = "cases:read", "cases:write"
_STOPPED = (*BARRED, "payer_document_expired", "payment_stopped")
OPERATIONS = (
    Operation("list_cases", "GET", "/v1/cases", "List the queue of cases.", listed, scope=_READ,
              query=CaseQuery, answer=CaseList, institution=True),
    Operation("get_case_figures", "GET", "/v1/cases/figures", "Read how the work on cases goes.",
              figures, scope=_READ, query=FiguresQuery, answer=CaseFigures, institution=True),
    Operation("hand_over_cases", "POST", "/v1/cases/hand-over", "Hand over all the cases of a"
              " person.", hand_over, scope=_WRITE, body=HandOverForm, answer=CaseList, once=True,
              institution=True,
              refusals=("case_person_unknown",),
              example={"queue": "review", "note": "end of the day shift"}),
    Operation("get_case", "GET", "/v1/cases/{case}", "Read a case with everything a person must"
              " see.", get, scope=_READ, answer=WholeCase, institution=True,
              personal=True, refusals=_ONE),
    Operation("claim_case", "POST", "/v1/cases/{case}/claim", "Take a case.", claim, scope=_WRITE,
              answer=CaseDocument, once=True,
              institution=True, refusals=(*_ONE, "case_closed", "case_claimed")),
    Operation("assign_case", "POST", "/v1/cases/{case}/assign", "Put a case into somebody's hands.",
              assign, scope=_WRITE, body=AssignForm, answer=CaseDocument, once=True,
              institution=True,
              refusals=(*_ONE, "case_closed", "case_person_unknown"),
              example={"to": "key_01kaw000000000000000000000"}),
    Operation("give_back_case", "POST", "/v1/cases/{case}/give-back", "Let anybody take a case.",
              give_back, scope=_WRITE, body=GiveBackForm, answer=CaseDocument, once=True,
              institution=True,
              refusals=_HELD, example={"queue": "review"}),
    Operation("note_case", "POST", "/v1/cases/{case}/notes", "Write a note.", note, scope=_WRITE,
              body=CaseNoteForm, answer=CaseDocument, once=True, institution=True, refusals=_ONE,
              example={"text": "called back twice, no answer"}),
    Operation("conclude_case", "POST", "/v1/cases/{case}/verdict", "Release or reject what waits"
              " for a case; above an amount a second person confirms.", verdict, scope=_WRITE,
              body=VerdictForm, answer=CaseDocument, once=True, institution=True,
              refusals=(*_HELD, "case_changed", "case_reason_unknown", "case_decision_unknown",
                        *_STOPPED, "emergency_not_allowed"),
              example={"verdict": "REJECT", "reason": "PAYER_DENIES", "revision": 1}),
    Operation("confirm_case", "POST", "/v1/cases/{case}/confirm", "Agree, as the second person.",
              confirm_verdict, scope=_WRITE, answer=CaseDocument, once=True, institution=True,
              refusals=(*_SECOND, "case_second_person_needed", *_STOPPED)),
    Operation("decline_case", "POST", "/v1/cases/{case}/decline", "Do not agree, as the second"
              " person; or take one's own verdict back.", decline_verdict, scope=_WRITE,
              answer=CaseDocument, once=True, institution=True, refusals=_SECOND),
    Operation("reopen_case", "POST", "/v1/cases/{case}/reopen", "Look at a closed case again.",
              reopen, scope=_WRITE, body=CaseNoteForm, answer=CaseDocument, once=True,
              institution=True,
              refusals=(*_ONE, "case_not_closed", "case_not_carried_out"),
              example={"text": "the payer called"}),
)  # fmt: skip

"""What becomes of an application: checked, decided by a second person, looked at again, stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anfu.compliance.diligence.decide import approve, refuse
from anfu.compliance.diligence.renew import Wish as Renewal
from anfu.compliance.diligence.renew import renew
from anfu.compliance.diligence.standing import Standing, Wish
from anfu.compliance.diligence.submit import submit
from anfu.compliance.diligence.suspend import close, resume, suspend
from anfu.entrypoints.api.challenges import veiled
from anfu.entrypoints.api.merchant_application_documents import ApplicationDocument
from anfu.entrypoints.api.merchant_application_forms import ReasonForm, RenewalForm
from anfu.entrypoints.api.merchant_applications import ONE, told
from anfu.entrypoints.api.operation import Call, Operation
from anfu.storage.idempotency import Answer


async def submit_(call: Call) -> Answer:
    """Have it checked."""
    claim, desk = veiled(call, call.once), call.desk
    application = call.path["application"]
    return told(call, await submit(desk.tools, application, call.person, claim, desk.clock))


async def approve_(call: Call) -> Answer:
    """Let the merchant take part."""
    claim, application = veiled(call, call.once), call.path["application"]
    return told(call, await approve(call.desk.tools, application, call.person, claim, now=call.now))


async def refuse_(call: Call) -> Answer:
    """End it, undecided until now."""
    return await _by_hand(call, refuse)


async def renew_(call: Call) -> Answer:
    """Look at a merchant again."""
    form: RenewalForm = call.body
    wish = Renewal(
        call.path["application"], call.person, form.reason, form.visited_on, form.document_until
    )
    claim = veiled(call, call.once)
    return told(call, await renew(call.desk.tools, wish, claim, call.desk.clock))


async def suspend_(call: Call) -> Answer:
    """Stop a merchant."""
    return await _by_hand(call, suspend)


async def resume_(call: Call) -> Answer:
    """Lift what was suspended by hand."""
    return await _by_hand(call, resume)


async def close_(call: Call) -> Answer:
    """End it for good."""
    return await _by_hand(call, close)


async def _by_hand(call: Call, journey: Callable[..., Awaitable[Standing]]) -> Answer:
    form: ReasonForm = call.body
    wish = Wish(call.path["application"], call.person, form.reason)
    claim = veiled(call, call.once)
    return told(call, await journey(call.desk.tools, wish, claim, now=call.now))


_STATE = ("application_not_found", "application_state")
_CHECKS = ("mcc_unknown", "trade_prohibited", "document_invalid", "document_expired",
           "settlement_not_own", "registry_unknown", "inquiry_open")  # fmt: skip
_WRITE, _DECIDE = "applications:write", "proposals:write"
_WHY = {"reason": "complaints, file 2026-117"}
OPERATIONS = (
    Operation("submit_merchant_application", "POST", ONE + "/submit", "Have an application"
              " checked, and the registries asked.", submit_, scope=_WRITE,
              answer=ApplicationDocument, once=True, institution=True, personal=True,
              refusals=(*_STATE, *_CHECKS, "application_exists")),
    Operation("approve_merchant_application", "POST", ONE + "/approve", "Let a merchant take part"
              " that others applied for.", approve_, scope=_DECIDE, answer=ApplicationDocument,
              once=True, institution=True, personal=True, standing=True,
              refusals=(*_STATE, "second_person_needed", "document_expired")),
    Operation("refuse_merchant_application", "POST", ONE + "/refuse", "Refuse an application of"
              " others.", refuse_, scope=_DECIDE, body=ReasonForm, answer=ApplicationDocument,
              once=True, institution=True, personal=True, standing=True,
              refusals=(*_STATE, "second_person_needed"), example=_WHY),
    Operation("renew_merchant", "POST", ONE + "/renew", "Look at a merchant again, and have the"
              " registries asked.", renew_, scope=_WRITE, body=RenewalForm,
              answer=ApplicationDocument, once=True, institution=True, personal=True,
              refusals=(*_STATE, *_CHECKS, "visit_missing", "visit_invalid"),
              example={"reason": "visited, as applied", "visited_on": "2026-11-23"}),
    Operation("suspend_merchant", "POST", ONE + "/suspend", "Stop a merchant at once.", suspend_,
              scope=_WRITE, body=ReasonForm, answer=ApplicationDocument, once=True,
              institution=True, personal=True, refusals=(*_STATE, "merchant_suspended"),
              example=_WHY),
    Operation("resume_merchant", "POST", ONE + "/resume", "Lift a suspension another person"
              " made.", resume_, scope=_DECIDE, body=ReasonForm, answer=ApplicationDocument,
              once=True, institution=True, personal=True, standing=True, example=_WHY,
              refusals=(*_STATE, "merchant_not_suspended", "second_person_needed")),
    Operation("close_merchant", "POST", ONE + "/close", "End an application that is undecided, or"
              " a merchant that is suspended.", close_, scope=_DECIDE, body=ReasonForm,
              answer=ApplicationDocument, once=True, institution=True, personal=True,
              standing=True, refusals=(*_STATE, "second_person_needed"), example=_WHY),
)  # fmt: skip

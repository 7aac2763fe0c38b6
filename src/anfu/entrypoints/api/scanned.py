"""A payment by a code of ours that its payer has shown: who pays, with what, and what is known of
both, the code says and nobody else."""

from __future__ import annotations

from dataclasses import replace

from anfu.channels.port import Scene
from anfu.entrypoints.api.documents import EnvironmentForm, Method, PaymentForm
from anfu.entrypoints.api.operation import Call
from anfu.kernel.errors import Refused
from anfu.payments.meeting import NO_MEETING
from anfu.payments.pay import PayOrder
from anfu.payments.showings.queries import find_codes
from anfu.payments.showings.showing import ShownCode, code_digest, is_own
from anfu.payments.showings.spend import Scanned
from anfu.risk.environment import Environment

ANY_CODE = "payer_code"
"""The method of whatever a payer shows: a code of ours, or of the network it belongs to by its
form."""


def is_scanned(call: Call, method: Method) -> bool:
    """Whether it is a code of ours that is to be paid with."""
    text, prefix = method.payer_code, call.desk.tools.policy.payer_code_prefix
    return method.type == ANY_CODE and text is not None and is_own(text, prefix)


async def order_by_code(call: Call, order: PayOrder) -> PayOrder:
    """The order with what its code says. Whether the code is still good is asked when it is spent:
    a request that is sent again is answered as it was.

    Raises Refused: payer_code_invalid, payer_code_not_allowed, told_by_code.
    """
    form: PaymentForm = call.body
    _check_alone(form)
    code = await _find(call, str(form.method.payer_code))
    showing, means, seen = code.showing, code.showing.means, form.environment
    return replace(
        order,
        payer=showing.customer,
        method=means.method,
        card=means.card,
        code=means.code,
        debit=means.debit,
        verified_by=means.verified_by,
        factors=showing.factors,
        meeting=NO_MEETING,
        # The place is the till's, and so its payer's; the device is the one that shows the code.
        environment=Environment(None, None, seen.latitude, seen.longitude, showing.session),
        scanned=Scanned(code.digest, showing.id),
    )


async def _find(call: Call, text: str) -> ShownCode:
    tools = call.desk.tools
    digest = code_digest(tools.challenge_key, text)
    async with tools.database.transaction(readonly=True) as tx:
        found = (await find_codes(tx, [digest])).get(digest)
    if found is None:
        raise Refused("payer_code_invalid", field="method.payer_code")
    return found


def _check_alone(form: PaymentForm) -> None:
    if form.method.scene is not Scene.PAYER_CODE:
        raise Refused("payer_code_not_allowed", field="method.payer_code")
    asked = Method(ANY_CODE, scene=Scene.PAYER_CODE, payer_code=form.method.payer_code)
    place = EnvironmentForm(
        latitude=form.environment.latitude, longitude=form.environment.longitude
    )
    told = {
        "payer": form.payer is not None,
        "method": form.method != asked,
        "environment": form.environment != place,
        "factors": bool(form.factors),
        "mandate": form.mandate is not None,
        "occurred_at": form.occurred_at is not None,
    }
    for field, twice in told.items():
        if twice:
            raise Refused("told_by_code", field=field)

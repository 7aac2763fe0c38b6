"""Sign on: staff come from the institution's identity provider (OpenID Connect, code with PKCE).

1. The browser that asked is the one that comes back: its ticket, a cookie, and the state fit.
2. The code is exchanged with the verifier that only we know; the ID token is checked
   (`authentication.id_token`), its nonce being the ticket's.
3. The subject is that of an ACTIVE account, linked to it before by two administrators.
4. The ticket is spent.

State, nonce and verifier follow from the ticket under our key: nothing is stored. What the token
says of roles only ever takes away: with a mapping in the settings the session has those of the
account's roles that the mapping gives for its groups; without one groups are not looked at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from anfu.authentication.id_token import Expected, Identity, key_id, read_id_token
from anfu.authentication.ticket import new_ticket, read_ticket
from anfu.channels.oidc.provider import Question
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.access import operations
from anfu.parties.access.queries import find_staff_by_subject
from anfu.parties.access.staff import Staff, State
from anfu.payments.access.sign_in import Admission, SignedIn, admit
from anfu.payments.tools import SignOn, Tools
from anfu.storage.transaction import Tx

_TICKET = "sgo"


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brings back: `ticket` by its cookie, `code` and `state` by the address."""

    ticket: str
    code: str = field(repr=False)
    state: str
    address: str


async def begin_sign_on(tools: Tools, *, now: datetime) -> tuple[str, str]:
    """The ticket, for the browser's cookie, and the address to send it to. Raises Refused
    `sign_on_off`, OutsideFailure."""
    sign_on = _sign_on(tools)
    subject = new_id(_TICKET, now=now, entropy=tools.entropy)
    ticket, _ = new_ticket(tools.challenge_key, subject, now=now)
    verifier = _derived(tools, subject, "verifier")
    challenge = _base64url(hashlib.sha256(verifier.encode()).digest())
    question = Question(
        _derived(tools, subject, "state"), _derived(tools, subject, "nonce"), challenge
    )
    return ticket, await sign_on.provider.ask(question)


async def sign_on(tools: Tools, back: Return, *, now: datetime) -> SignedIn:
    """A session. Raises Refused `sign_on_off`, `ticket_invalid`, `ticket_expired`,
    `state_invalid`, `code_refused`, `id_token_invalid`, `subject_unknown`; OutsideFailure."""
    means = _sign_on(tools)
    subject = read_ticket(tools.challenge_key, back.ticket, kind=_TICKET, now=now)  # 1
    if not hmac.compare_digest(back.state.encode(), _derived(tools, subject, "state").encode()):
        raise Refused("state_invalid", field="state")
    identity = await _identity(tools, means, subject, back.code, now)  # 2

    async def work(tx: Tx) -> SignedIn:
        staff = await find_staff_by_subject(tx, identity.subject)
        if staff is None or staff.state is not State.ACTIVE:  # 3
            raise Refused("subject_unknown")
        roles = _roles(means, staff, identity)
        if not await operations.spend_ticket(tx, ticket=subject, now=now):  # 4
            raise Refused("ticket_invalid", field="ticket")
        admission = Admission(staff, back.address, ("provider",), roles)
        return await admit(tx, tools, admission, now=now)

    return await tools.database.run(work)


async def _identity(
    tools: Tools, means: SignOn, subject: str, code: str, now: datetime
) -> Identity:
    provider = means.provider
    token = await provider.exchange(code, _derived(tools, subject, "verifier"))
    keys = await provider.keys(key_id(token))
    expected = Expected(
        provider.client.issuer, provider.client.id, _derived(tools, subject, "nonce"), means.acr
    )
    return read_id_token(token, keys, expected, now=now)


def _roles(means: SignOn, staff: Staff, identity: Identity) -> tuple[str, ...] | None:
    if not means.roles:
        return None
    given = {means.roles[group] for group in identity.groups if group in means.roles}
    left = tuple(role for role in staff.roles if role in given)
    if not left:
        raise Refused("subject_unknown")
    return left


def _sign_on(tools: Tools) -> SignOn:
    if tools.sign_on is None:
        raise Refused("sign_on_off")
    return tools.sign_on


def _derived(tools: Tools, subject: str, what: str) -> str:
    content = canonical_bytes({"v": 1, "sign_on": subject, "for": what})
    return _base64url(hmac.digest(tools.challenge_key, content, "sha256"))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

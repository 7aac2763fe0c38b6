"""Rounds: one turn of each kind of later work. Each says how much it did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from anfu.authentication.enrolled.operations import forget_looks
from anfu.authentication.operations import forget_sent
from anfu.channels.notices.sender import NoticeSender
from anfu.channels.notices.target import PREFIX as NOTICE
from anfu.channels.notices.text import notice_text
from anfu.channels.operations import forget_notices
from anfu.channels.port import NONCES_KEPT
from anfu.channels.webhooks import Webhook, WebhookSender
from anfu.compliance.ask_late import ask_late
from anfu.compliance.diligence.inquire import inquire_late
from anfu.compliance.diligence.renew import fall_due
from anfu.compliance.firms.screen import screen
from anfu.compliance.privacy.erase import erase_due
from anfu.evidence.operations import seal
from anfu.evidence.signer import Signer
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.periods import civil_date
from anfu.lab.watch import Watching, watch
from anfu.ledger.books.carry import carry
from anfu.limits.operations import forget_merchant_uses
from anfu.operations.figures.count import count
from anfu.operations.targets.keep import keep_sheet
from anfu.parties import queries as parties
from anfu.parties.access.operations import forget_attempts
from anfu.parties.endpoint import Endpoint, EndpointStatus
from anfu.parties.keys.operations import forget_nonces
from anfu.parties.requests.operations import forget_requests
from anfu.payments.access.break_glass import close_emergencies
from anfu.payments.carry_out import carry_out_late
from anfu.payments.escalate import escalate
from anfu.payments.recover import recover
from anfu.payments.showings.operations import forget_showings
from anfu.payments.tasks.hand_out import escalate_tasks
from anfu.payments.tools import Tools
from anfu.payments.watch_refunds import watch_refunds
from anfu.payments.withdraw import lapse
from anfu.risk.models.explain import Explainer
from anfu.risk.models.follow import follow
from anfu.risk.models.serving import Serving
from anfu.settlement.reconciliation.advance import advance
from anfu.settlement.reconciliation.fetch import Desk
from anfu.storage import outbox
from anfu.storage.outbox import Result, Taken
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

_Due = tuple[list[Taken], Mapping[str, Endpoint], Mapping[str, Sequence[str]]]
_MOST = 100
# Longer than a receiver may take to answer.
_LEASE_S = 30.0
# A signature is refused after 300 s; a payment is resolved or expired within a week.
_NONCES, _DAYS = timedelta(hours=1), timedelta(days=30)
_SENT = timedelta(days=2)
_TIDY_MOST = 10_000
_EXPLAINED, _OPEN = timedelta(hours=1), timedelta(minutes=2)
_EXPLAINED_MOST = 20
MODELS = "models"
"""The name of the lines on which those who keep the models are told."""


async def deliver(tools: Tools, clock: Clock, sender: WebhookSender, notices: NoticeSender) -> int:
    """Send what is due to webhook endpoints, and notices to staff."""

    async def take(
        tx: Tx,
    ) -> tuple[list[Taken], Mapping[str, Endpoint], Mapping[str, Sequence[str]]]:
        taken = await outbox.take(tx, now=clock.now(), most=_MOST, lease_s=_LEASE_S)
        ids = sorted({d.endpoint_id for d in taken if not d.endpoint_id.startswith(NOTICE)})
        endpoints = await parties.find_endpoints(tx, ids)
        secrets = await parties.secrets_of(tx, tools.sealer.ring, ids, now=clock.now())
        return taken, endpoints, secrets

    taken, endpoints, secrets = await tools.database.run(take)
    if not taken:
        return 0
    results = await asyncio.gather(
        *(_notify(notices, d, clock) if d.endpoint_id.startswith(NOTICE)
          else _send(sender, d, endpoints.get(d.endpoint_id), secrets.get(d.endpoint_id, []), clock)
          for d in taken)
    )  # fmt: skip

    async def finish(tx: Tx) -> None:
        await outbox.finish(tx, results=results, now=clock.now(), entropy=tools.entropy)

    await tools.database.run(finish)
    return len(taken)


async def _send(
    sender: WebhookSender,
    delivery: Taken,
    endpoint: Endpoint | None,
    secrets: Sequence[str],
    clock: Clock,
) -> Result:
    if endpoint is None or endpoint.status is not EndpointStatus.ACTIVE:
        return Result(delivery.id, delivery.attempt, False, error="endpoint disabled", give_up=True)
    event = delivery.event
    good = tuple(secret.encode() for secret in secrets)
    webhook = Webhook(endpoint.url, good, event.id, event.kind, event.body)
    sent = await sender.send(webhook, now=clock.wall())
    return Result(delivery.id, delivery.attempt, sent.delivered, sent.answered, sent.error)


async def _notify(notices: NoticeSender, delivery: Taken, clock: Clock) -> Result:
    target, event = delivery.endpoint_id, delivery.event
    if target not in notices:
        gone = "no longer in the settings"
        return Result(delivery.id, delivery.attempt, False, error=gone, give_up=True)
    data = msgspec.json.decode(event.body)["data"]
    title, text = notice_text(event.kind, data, now=clock.now())
    error = await notices.send(target, title, text)
    return Result(delivery.id, delivery.attempt, error is None, error=error)


async def renew_keys(tools: Tools) -> int:
    """Fetch the keys that networks publish; one that cannot be asked keeps no other from it.
    Always 0: there is no hurry to turn again."""
    for channel, renew in tools.renewals.items():
        try:
            await renew()
        except (OutsideFailure, Refused) as error:
            log.warning("keys of %s are not renewed: %s", channel, error)
    return 0


async def work_cases(tools: Tools, clock: Clock) -> int:
    """Escalate cases nobody works on, and carry out verdicts a crash has left."""
    escalated = await escalate(tools, now=clock.now(), most=_MOST)
    return escalated + await carry_out_late(tools, clock, most=_MOST)


async def end_emergencies(tools: Tools, clock: Clock) -> int:
    """Shut the accounts that sealed envelopes opened, once their time is over."""
    return await close_emergencies(tools, now=clock.now())


async def resolve(tools: Tools, clock: Clock) -> int:
    """Resolve open payments, refunds, verifications and inquiries, let waits run out, that of a
    merchant to be looked at again among them, and tell of what is late."""
    asked = await ask_late(tools, clock) + await inquire_late(tools, clock, most=_MOST)
    overdue = await fall_due(tools, now=clock.now(), most=_MOST)
    lapsed = await lapse(tools, now=clock.now(), most=_MOST)
    told = await watch_refunds(tools, now=clock.now(), most=_MOST)
    told += await escalate_tasks(tools, now=clock.now(), most=_MOST)
    return await recover(tools, clock, most=_MOST) + asked + overdue + lapsed + told


async def tidy(tools: Tools, clock: Clock) -> int:
    """Forget nonces of notices and requests too old to pass again, codes, face checks and attempts
    that no rate counts, codes that were shown, and of merchants' days long past what could still be
    given back; erase persons whom no law keeps any more; ask about firms again whose quarter is
    over. Always 0: there is no hurry to turn again."""
    now, wall = clock.now(), clock.wall()

    async def work(tx: Tx) -> None:
        await forget_notices(tx, before=wall - NONCES_KEPT)
        await forget_sent(tx, before=now - _SENT)
        await forget_looks(tx, before=now - _SENT)
        await forget_nonces(tx, before=wall - _NONCES)
        await forget_attempts(tx, before=now - _SENT)
        await forget_showings(tx, before=now - _SENT)
        await forget_requests(tx, before=wall - tools.policy.request_log)
        await forget_merchant_uses(tx, before=civil_date(now) - _DAYS, most=_TIDY_MOST)

    await tools.database.run(work)
    await erase_due(tools, now=now)
    await screen(tools, clock)
    return 0


async def reconcile_due(books: Desk, clock: Clock) -> int:
    """Take the bills of channels that are due. Always 0: what is not made yet is not hurried."""
    await advance(books, clock)
    return 0


async def count_payments(tools: Tools, clock: Clock) -> int:
    """Count payments by minute and hour, for the overview."""
    return await count(tools, now=clock.now())


async def carry_books(tools: Tools, clock: Clock) -> int:
    """Add up the books until the last full ten minutes."""
    return await carry(tools.database, now=clock.now())


async def draw_targets(tools: Tools, clock: Clock) -> int:
    """Draw up the targets of every currency. Always 0: once a minute is enough."""
    for currency in sorted(tools.policy.currencies):
        await keep_sheet(tools.database, currency, now=clock.now())
    return 0


async def follow_models(tools: Tools) -> int:
    """Score with the models that are in force now; 1 when they changed."""
    serving = tools.engine.models
    return int(isinstance(serving, Serving) and await follow(tools.database, serving))


async def watch_models(tools: Tools, clock: Clock) -> int:
    """Tell of models whose world has moved. Always 0: there is no hurry to turn again."""
    watching = Watching(notified=tools.notified(MODELS))
    await watch(tools.database, watching, entropy=tools.entropy, now=clock.now())
    return 0


class Explaining:
    """Explains what models said of decisions that were held or blocked. What is older than an hour
    when the worker begins is explained when somebody asks."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        self._explainer = Explainer(tools.database)
        self._clock = clock
        self._since = clock.now() - _EXPLAINED

    async def turn(self) -> int:
        """How many were explained."""
        now = self._clock.now()
        done = await self._explainer.explain_held(now=now, since=self._since, most=_EXPLAINED_MOST)
        if not done:  # all up to here are done, but for transactions that are still open
            self._since = max(self._since, now - _OPEN)
        return done


async def seal_evidence(tools: Tools, clock: Clock, signer: Signer) -> int:
    """Seal what has been written to the evidence log; 1 while there may be more to seal."""

    async def work(tx: Tx) -> int:
        sealed = await seal(tx, signer=signer, now=clock.now())
        return 0 if sealed is None else 1

    return await tools.database.run(work)

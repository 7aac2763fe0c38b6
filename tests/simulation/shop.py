"""The merchant's end: hears webhooks, verifies them, is down at times."""

from __future__ import annotations

from datetime import datetime

import msgspec
from tests.simulation.fate import Fate
from tests.simulation.invariants import Broken

from anfu.channels.webhooks import Webhook, WebhookAnswer, sign_webhook, verify_webhook
from anfu.kernel.errors import Refused


class Shop:
    """Takes the place of the sender: what is sent is signed as it would be and heard at once.
    `heard`: (event, object, kind) in the order of hearing."""

    def __init__(self, secret: bytes, fate: Fate) -> None:
        self._secret, self._fate = secret, fate
        self.heard: list[tuple[str, str, str]] = []

    async def send(self, webhook: Webhook, *, now: datetime) -> WebhookAnswer:
        """As `WebhookSender.send`."""
        fate = self._fate
        down, unheard = fate.strikes(fate.rates.shop), fate.strikes(fate.rates.shop)
        if down or unheard:
            fate.trace("shop does not answer", webhook.kind)
        if down:
            return WebhookAnswer(False, 503, "answered 503")
        header = sign_webhook(webhook.secrets, webhook.body, now=now)
        try:
            verify_webhook(self._secret, header, webhook.body, now=now)
        except Refused as refusal:
            raise Broken(f"a webhook is not signed as agreed: {refusal.code}") from None
        about = msgspec.json.decode(webhook.body)["data"]["id"]
        self.heard.append((webhook.event_id, about, webhook.kind))
        fate.point("after a webhook was sent")
        if unheard:
            return WebhookAnswer(False, None, "connection failed: cut")
        return WebhookAnswer(True, 200, None)

"""How a call ends when it fails: never in an exception, and never in more than is proven."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from anfu.channels.port import ChannelAnswer
from anfu.kernel.errors import Outcome, OutsideFailure, Refused

_log = logging.getLogger(__name__)


async def ended(work: Awaitable[ChannelAnswer], *, first: bool) -> ChannelAnswer:
    """What `work` comes to. What was not sent now may have been sent before, unless this was the
    `first` time."""
    try:
        return await work
    except OutsideFailure as failure:
        outcome = failure.outcome if first else Outcome.UNKNOWN
        return ChannelAnswer(outcome, None, failure.reason)
    except Refused as refusal:
        if refusal.code.startswith("message_"):
            return ChannelAnswer(Outcome.UNKNOWN, None, "answer_untrusted")
        # A key file that is none, an order that lacks what its scene needs: nothing was sent.
        _log.error("nothing was sent: %s", refusal)
        ours = refusal.code == "request_malformed"
        outcome = Outcome.NOT_DONE if first else Outcome.UNKNOWN
        return ChannelAnswer(outcome, None, "request_refused" if ours else "merchant_misconfigured")

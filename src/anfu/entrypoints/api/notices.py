"""Notices: what a channel posts to us. Proven by the channel's own signature, not by a key."""

from __future__ import annotations

from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.payments.notice import Told
from anfu.storage.idempotency import Answer

PATH = "/v1/channels/{channel}/notices"


async def take(call: Call) -> Answer:
    """200 once what it says is booked, or was booked before; the channel repeats it otherwise."""
    channel = call.path["channel"]
    tools = call.desk.tools
    reader = tools.readers.get(channel)
    if reader is None:
        raise Refused("not_found")
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in call.headers.items()}
    path = PATH.replace("{channel}", channel)
    try:
        notice = reader.read(path, headers, call.raw, now=call.desk.clock.wall())
    except Refused as refusal:
        raise Refused("notice_invalid", field=refusal.field, reason=refusal.code) from refusal
    if not await call.desk.noticing.submit(Told(channel, notice)):
        raise Refused("notice_mismatch", field="payment")
    call.media = reader.taken.media_type
    return Answer(reader.taken.status, reader.taken.body)


OPERATIONS = (
    Operation("take_notice", "POST", PATH, "A channel's notice.", take,
              refusals=("not_found", "notice_invalid", "notice_mismatch")),
)  # fmt: skip

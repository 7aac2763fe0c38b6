"""Attachments of cases: attach a file, read it back. A file goes in and out as base64 in JSON, so
that no browser takes one for a page."""

from __future__ import annotations

import base64

from anfu.entrypoints.api.case_documents import (
    AttachmentDocument,
    AttachmentForm,
    WholeAttachment,
)
from anfu.entrypoints.api.decisions import people_of
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.attach import Attaching, attach, attachment_document, content_of, words_of
from anfu.payments.document import encode
from anfu.risk import queries as risk
from anfu.risk.cases import queries as cases
from anfu.risk.cases.attachments import queries
from anfu.risk.cases.attachments.attachment import SIZE_MAX
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

# The largest file in base64, and its words.
_BODY_MAX = SIZE_MAX // 3 * 4 + (64 << 10)


async def create(call: Call) -> Answer:
    """Attach a file."""
    form: AttachmentForm = call.body
    wish = Attaching(
        call.once, call.path["case"], call.person, form.media_type, form.content, form.name,
        form.shows,
    )  # fmt: skip
    return await attach(call.desk.tools, wish, now=call.now)


async def get(call: Call) -> Answer:
    """One, with its content."""
    case, ring = call.path["case"], call.desk.tools.sealer.ring
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found, sealed = await queries.get_attachment(tx, case, call.path["attachment"])
        call.saw(*await _people(tx, case))
    content = base64.b64encode(content_of(found, sealed, ring)).decode()
    document = {**attachment_document(found), **words_of(found, ring), "content": content}
    return Answer(200, encode(document))


async def _people(tx: Tx, case: str) -> list[str]:
    """Whom the decisions of a case speak of."""
    items = await cases.list_items(tx, case)
    stored = await risk.find_decisions(tx, [item.decision for item in items])
    return list(people_of((await risk.find_facts(tx, stored.values())).values()))


OPERATIONS = (
    Operation("attach_to_case", "POST", "/v1/cases/{case}/attachments", "Attach a file to a case:"
              " PDF, PNG, JPEG or plain text.", create, scope="cases:write", body=AttachmentForm,
              answer=AttachmentDocument, status=201, once=True, institution=True, most=_BODY_MAX,
              refusals=("case_not_found", "case_closed", "name_invalid", "attachment_empty",
                        "attachment_too_large", "attachment_not_as_declared"),
              example={"media_type": "text/plain", "name": "call.txt",
                       "shows": "what the payer said", "content": "bm90IG1l"}),
    # Not for whoever only reads cases: files hold more of a person than a case does.
    Operation("get_case_attachment", "GET", "/v1/cases/{case}/attachments/{attachment}",
              "Read an attachment with its content.", get, scope="cases:write",
              answer=WholeAttachment, institution=True, personal=True,
              refusals=("attachment_not_found",)),
)  # fmt: skip

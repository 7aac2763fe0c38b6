"""Evidence: checkpoints, and proofs that anyone verifies offline."""

from __future__ import annotations

import base64
from typing import Any, Literal

import msgspec
from msgspec import Struct

from anfu.entrypoints.api.operation import Call, Operation
from anfu.evidence import queries
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.payments.queries import find_payments
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class CheckpointDocument(Struct, frozen=True):
    """The latest signed head of the log: `note` is a C2SP checkpoint."""

    object: Literal["checkpoint"]
    size: int
    note: str


class ProofList(Struct, frozen=True):
    """A proof bundle for each leaf about one object, oldest first; each verifies on its own with
    `anfu evidence verify --bundle`."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    more: bool


class EvidenceKey(Struct, frozen=True):
    """Who signs the log. `public`: the 32 bytes of an Ed25519 key (RFC 8032), base64; `id`: the
    first four bytes of each of its signatures, hex; `key`: the same as a C2SP vkey; `former`: the
    vkeys of those it follows."""

    object: Literal["evidence_key"]
    name: str
    algorithm: Literal["Ed25519"]
    public: str
    id: str
    key: str
    former: list[str]


async def checkpoint(call: Call) -> Answer:
    """The latest checkpoint."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        latest = await queries.latest_checkpoint(tx)
    if latest is None:
        raise Refused("proof_not_found")
    return Answer(200, encode({"object": "checkpoint", "size": latest.size, "note": latest.note}))


async def key(call: Call) -> Answer:
    """What a checkpoint is verified with. A proof brings the key it was made with: that says
    nothing until it is the one that was learned here, or elsewhere, before."""
    present, *former = call.desk.log_keys
    document = {
        "object": "evidence_key",
        "name": present.name,
        "algorithm": "Ed25519",
        "public": base64.b64encode(present.public).decode(),
        "id": present.id.hex(),
        "key": str(present),
        "former": [str(one) for one in former],
    }
    return Answer(200, encode(document))


async def proofs(call: Call) -> Answer:
    """Proofs of what the log holds about one payment, refund, decision or deposit."""
    subject = call.path["subject"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await _check(tx, call, subject)
        latest = await queries.latest_checkpoint(tx)
        leaves = await queries.find_leaves(tx, subject, most=100)
        size = 0 if latest is None else latest.size
        sealed = [leaf for leaf in leaves if leaf.index < size]
        if not sealed:
            raise Refused("proof_not_found", field="subject")
        bundles = [await queries.inclusion_bundle(tx, leaf.index) for leaf in sealed]
    data = [msgspec.Raw(bundle) for bundle in bundles]
    more = len(sealed) < len(leaves)
    return Answer(200, encode({"object": "list", "data": data, "more": more}))


async def _check(tx: Tx, call: Call, subject: str) -> None:
    """A merchant gets proofs of its own payments only."""
    if call.merchant is None:
        return
    payments = await find_payments(tx, [subject])
    if not payments or payments[0].payee != call.merchant:
        raise Refused("proof_not_found", field="subject")


OPERATIONS = (
    Operation("get_checkpoint", "GET", "/v1/evidence/checkpoint", "Read the latest checkpoint.",
              checkpoint, scope="evidence:read", answer=CheckpointDocument,
              refusals=("proof_not_found",)),
    Operation("get_evidence_key", "GET", "/v1/evidence/key", "Read the key that checkpoints are"
              " verified with.", key, scope="evidence:read", answer=EvidenceKey),
    Operation("get_proofs", "GET", "/v1/evidence/proofs/{subject}", "Prove what the log holds"
              " about an object.", proofs, scope="evidence:read", answer=ProofList,
              refusals=("proof_not_found",)),
)  # fmt: skip

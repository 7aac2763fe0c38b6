"""Draft: a rule as somebody writes it. Nothing acts on a draft, so nobody else is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.errors import Refused
from anfu.risk.features import Catalogue
from anfu.risk.queries import get_rule_set
from anfu.risk.rules import Rule
from anfu.risk.ruling import operations, queries
from anfu.risk.ruling.check import Remark, inspect, refuse_errors
from anfu.risk.ruling.life import Known, content_bytes
from anfu.storage import idempotency
from anfu.storage.database import Database
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

Lists = Mapping[str, Collection[str]] | None
"""The inputs each list is matched with, None where it is not known which lists there are."""
Describe = Callable[[Sequence[Known], Sequence[Remark]], bytes]


@dataclass(frozen=True, slots=True)
class Writing:
    """`rules` as `author` wrote them. `replaces`: the version of the draft that was read and is
    replaced, 0 for a shipped rule without one, None for new rules. With `either`, as in an import,
    new and known rules may be mixed, and the newest drafts are replaced."""

    claim: Claim
    author: str
    rules: Sequence[Rule]
    replaces: int | None = None
    either: bool = False


async def draft(
    database: Database,
    writing: Writing,
    *,
    catalogue: Catalogue,
    lists: Lists,
    describe: Describe,
    now: datetime,
) -> Answer:
    """The answer that describes the rules. Nothing is kept unless every rule is.

    Raises Refused: rule_id_taken, rule_not_found, draft_moved_on, as `check_rule` and
    `condition_of` do, with what else `inspect` calls an error, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        in_force = await get_rule_set(tx, (await queries.get_step(tx)).rule_set)
        work = partial(inspect, writing.rules, in_force, catalogue, lists=lists)
        remarks = await asyncio.to_thread(work)
        refuse_errors(remarks)
        ids = [rule.id for rule in writing.rules]
        known = await queries.find_known(tx, ids)
        leaves = []
        for rule in writing.rules:
            version = _version(writing, rule, known.get(rule.id))
            if version is None:
                continue
            await operations.put_draft(
                tx, rule=rule, version=version, author=writing.author, now=now
            )
            said = sha256(content_bytes(rule)).hexdigest()
            body = {"state": "DRAFT", "version": version, "author": writing.author, "rule": said}
            leaves.append(Leaf("rule", rule.id, now, body))
        written = await queries.find_known(tx, ids)
        await append(tx, leaves=leaves)
        return Answer(201, describe([written[id_] for id_ in ids], remarks))

    return await idempotency.once(database, writing.claim, work, now=now)


def _version(writing: Writing, rule: Rule, known: Known | None) -> int | None:
    """The version to be written; None where an import says nothing new."""
    newest = None if known is None else known.draft
    if writing.either:
        said = known and (newest.rule if newest else known.content)
        if said and content_bytes(said) == content_bytes(rule):
            return None
        return 1 if newest is None else newest.version + 1
    if writing.replaces is None:
        if known is not None:
            raise Refused("rule_id_taken", field="id", rule=rule.id)
        return 1
    if known is None:
        raise Refused("rule_not_found", field="rule", rule=rule.id)
    return writing.replaces + 1

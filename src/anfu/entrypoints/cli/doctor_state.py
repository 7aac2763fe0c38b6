"""Checks of what an installation is doing: sealing, open payments, outbox, books, rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from anfu.entrypoints.cli.doctor_findings import Finding, bad, good, warning
from anfu.evidence.checkpoint import signed_by_any
from anfu.evidence.queries import latest_checkpoint, unsealed
from anfu.evidence.signer import VerifierKey
from anfu.ledger.queries import trial_balance
from anfu.payments.queries import oldest_overdue
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.queries import is_published
from anfu.risk.rules import default_rule_set
from anfu.storage.clock import read_ahead
from anfu.storage.database import Database, open_database
from anfu.storage.outbox import backlog
from anfu.storage.transaction import Tx

_SEALING_WARNING_S, _SEALING_BAD_S = 15.0, 300.0
_OVERDUE_WARNING_S, _OVERDUE_BAD_S = 60.0, 600.0
_OUTBOX_WARNING_S = 300.0
_WORKER = (
    "run `anfu worker`, or `anfu serve` without --no-worker",
    "请运行 anfu worker 或 anfu serve",
)


_Check = Callable[[Tx], Awaitable[Finding]]


async def check_state(url: str, key: VerifierKey | None, *, now: datetime) -> list[Finding]:
    """Everything that is read from a migrated database. `key` is ours, None when it is lost; `now`
    is the machine's, and a test clock may stand ahead of it."""
    database = await open_database(url, connections=1)
    try:
        async with database.transaction(readonly=True) as tx:
            checks = _checks(key, now + await read_ahead(tx))
        return [await _tried(database, name, check) for name, check in checks.items()]
    finally:
        await database.close()


def _checks(key: VerifierKey | None, now: datetime) -> dict[str, _Check]:
    return {
        "sealing": partial(_sealing, now=now),
        "checkpoint": partial(_checkpoint, key=key),
        "open_payments": partial(_open_payments, now=now),
        "outbox": partial(_outbox, now=now),
        "books": _books,
        "rules": _rules,
    }


async def _tried(database: Database, name: str, check: _Check) -> Finding:
    """Whatever breaks a check is what is wrong with the patient; the other checks go on."""
    try:
        async with database.transaction(readonly=True) as tx:
            return await check(tx)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return bad(
            name,
            (f"cannot be read: {text}", f"无法读取：{text}"),
            ("restore the database from its backup", "请从备份恢复数据库"),
        )


async def _sealing(tx: Tx, *, now: datetime) -> Finding:
    waiting, since = await unsealed(tx)
    lag = 0.0 if since is None else (now - since).total_seconds()
    found = (
        f"{waiting} leaves wait, the oldest for {lag:.0f} s",
        f"{waiting} 条待封存，最久 {lag:.0f} 秒",
    )
    if lag <= _SEALING_WARNING_S:
        return good("sealing", *found)
    return (bad if lag > _SEALING_BAD_S else warning)("sealing", found, _WORKER)


async def _checkpoint(tx: Tx, *, key: VerifierKey | None) -> Finding:
    latest = await latest_checkpoint(tx)
    if latest is None:
        return good("checkpoint", "none yet", "尚无")
    if key is not None and not signed_by_any(latest.note, [key]):
        return bad(
            "checkpoint",
            ("the latest is not signed by our key", "最新检查点不是由本机密钥签名"),
            (
                "restore keys/evidence and ANFU_ORIGIN as they were; then `anfu evidence verify`",
                "请恢复原 keys/evidence 与 ANFU_ORIGIN，再执行 anfu evidence verify",
            ),
        )
    return good("checkpoint", f"covers {latest.size} leaves", f"覆盖 {latest.size} 条")


async def _open_payments(tx: Tx, *, now: datetime) -> Finding:
    late = await oldest_overdue(tx, now=now)
    if late <= _OVERDUE_WARNING_S:
        return good("open_payments", "none is past its time", "没有超时")
    found = (f"the oldest is {late:.0f} s past its time", f"最久超时 {late:.0f} 秒")
    return (bad if late > _OVERDUE_BAD_S else warning)("open_payments", found, _WORKER)


async def _outbox(tx: Tx, *, now: datetime) -> Finding:
    lying = await backlog(tx, now=now)
    lag = 0.0 if lying.since is None else (now - lying.since).total_seconds()
    found = (
        f"{lying.waiting} deliveries due, the oldest for {lag:.0f} s; {lying.dead} dead",
        f"{lying.waiting} 条待投递，最久 {lag:.0f} 秒；{lying.dead} 条已放弃",
    )
    if lag > _OUTBOX_WARNING_S:
        return warning("outbox", found, _WORKER)
    if lying.dead:
        remedy = (
            "mend the receiver, then POST /v1/webhooks/deliveries/{id}/replay",
            "请修复接收方后重放投递",
        )
        return warning("outbox", found, remedy)
    return good("outbox", *found)


async def _books(tx: Tx) -> Finding:
    wrong = [line for line in await trial_balance(tx) if line.imbalance or line.unexplained]
    if not wrong:
        return good("books", "debits equal credits", "借贷相等")
    named = ", ".join(f"{line.asset} by {line.imbalance + line.unexplained}" for line in wrong)
    return bad(
        "books",
        (f"do not balance: {named}", f"不平：{named}"),
        (
            "stop taking payments; run `anfu evidence verify`",
            "请停止收单并执行 anfu evidence verify",
        ),
    )


async def _rules(tx: Tx) -> Finding:
    rule_set = default_rule_set().version
    if await is_published(tx, catalogue=CATALOGUE.version, rule_set=rule_set):
        return good("rules", f"rule set {rule_set} is published", f"规则集 {rule_set} 已发布")
    return warning(
        "rules",
        (f"rule set {rule_set} is not published yet", f"规则集 {rule_set} 尚未发布"),
        ("the next `anfu serve` publishes it", "下次运行 anfu serve 时发布"),
    )


def worst(findings: Sequence[Finding]) -> str:
    """The worst health among them."""
    order = ["bad", "warning", "good"]
    return min((str(f.health) for f in findings), key=order.index)

"""What must hold after any run: books balance, evidence verifies, nothing was done twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from anfu.compliance.privacy.papers import list_papers
from anfu.compliance.privacy.scan import Scan, scan_database, scan_files
from anfu.entrypoints.cli.wiring import Running
from anfu.entrypoints.worker.rounds import seal_evidence
from anfu.evidence.audit import audit
from anfu.evidence.bundle import verify_bundle
from anfu.evidence.queries import latest_checkpoint, log_size
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.ledger.queries import find_discrepancies, trial_balance
from anfu.risk.cases.queries import CasePage, count_voices, list_cases, list_uncarried
from anfu.simulation.client import Client

_SEALED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what was found, and whether it holds. `values` go into the JSON."""

    name: str
    good: bool
    found: str
    values: dict[str, Any]


async def check_ledger(running: Running) -> Check:
    """Debits equal credits for each asset, and every counter is the sum of its rows."""
    async with running.tools.database.transaction(readonly=True) as tx:
        sums = await trial_balance(tx)
        wrong = await find_discrepancies(tx)
    imbalance = sum(row.imbalance for row in sums)
    unexplained = sum(row.unexplained for row in sums)
    moved = ", ".join(f"{row.debits_posted / 100:,.2f} {row.asset}" for row in sums)
    return Check(
        "ledger",
        not imbalance and not unexplained and not wrong,
        f"{moved} debited and credited; {imbalance} out of balance, {len(wrong)} accounts wrong",
        {"ledger_imbalance": imbalance, "ledger_discrepancies": len(wrong)},
    )


async def check_cases(running: Running, client: Client) -> Check:
    """Nothing waits for a verdict that would move money, and no verdict waits to be carried out."""
    found = (await client.get("/v1/cases/figures?days=1")).body
    now = running.clock.now()
    async with running.tools.database.transaction(readonly=True) as tx:
        waiting = await list_cases(tx, CasePage(1_000, now))
        uncarried = await list_uncarried(tx, before=now, most=1_000)
        said = await count_voices(tx)
    stuck = sum(case.at_stake > 0 for case in waiting) + len(uncarried)
    return Check(
        "cases",
        not stuck and found["answered"] == found["opened"],
        f"{found['opened']} opened, {found['opened'] - len(waiting)} closed, {said['two']} verdicts"
        f" by two people and {said['one']} by one; first response p95 {found['p95_s'] or 0:.2f} s",
        {"cases": found["opened"], "cases_open": len(waiting), "verdicts": said},
    )


async def check_evidence(running: Running) -> Check:
    """The whole log is sealed, and every leaf, tile, root and signature is read again."""
    await _seal(running)
    keys = [running.signer.key, *running.signer.former]
    async with running.tools.database.transaction(readonly=True) as tx:
        report = await audit(tx, keys=keys)
        size = await log_size(tx)
    faults = "; ".join(fault.reason_en for fault in report.faults)
    good = report.good and report.leaves == size
    return Check(
        "evidence",
        good,
        faults or f"{report.leaves:,} leaves under {report.checkpoints:,} signed checkpoints",
        {"evidence_verified": good, "evidence_leaves": report.leaves},
    )


async def check_proof(running: Running, client: Client, payment: str | None) -> Check:
    """What the log holds about one payment is proven offline, with the public key alone."""
    bundles = []
    if payment is not None:
        bundles = (await client.proofs(payment)).body.get("data", [])
    trusted = str(running.signer.key)
    verdicts = [verify_bundle(msgspec.json.encode(bundle), trusted) for bundle in bundles]
    failed = [verdict.reason_en for verdict in verdicts if not verdict.valid]
    good = bool(verdicts) and not failed
    found = f"{len(verdicts)} proofs of {payment} verified offline"
    return Check("proof", good, "; ".join(failed) or found, {"proof_verified": good})


async def check_privacy(running: Running, logs: Path) -> Check:
    """No card number, resident id, telephone number, code or secret lies readable."""
    scan = Scan()
    await scan_database(scan, running.database_url, lambda _: None, lambda _: None)
    await scan_files(scan, list_papers([logs]), lambda _: None)
    places = ", ".join(sorted({finding.place for finding in scan.tally.findings}))
    looked = f"{scan.rows:,} rows and {scan.files} log files; {scan.tally.total} readable"
    found = f"{looked}: {places}" if places else looked
    return Check("privacy", scan.clean, found, {"privacy_findings": scan.tally.total})


async def check_pages(addresses: Iterable[str]) -> Check:
    """Each page that people see answers with a document that fetches nothing from elsewhere."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as http:
        wrong = [address for address in addresses if not await _is_page(http, address)]
    found = ", ".join(wrong) or "console, checkout, payer's code and documentation answer"
    return Check("pages", not wrong, found, {})


async def _is_page(http: httpx.AsyncClient, address: str) -> bool:
    try:
        answer = await http.get(address)
    except httpx.HTTPError:
        return False
    policy = answer.headers.get("content-security-policy", "")
    html = answer.headers.get("content-type", "").startswith("text/html")
    return answer.status_code == 200 and html and "default-src 'none'" in policy


def check_duplicates(duplicates: int) -> Check:
    """No idempotency key made two payments."""
    found = f"{duplicates} payments more than idempotency keys"
    return Check("duplicates", duplicates == 0, found, {"duplicates": duplicates})


def check_open(left: int) -> Check:
    """Everything came to an end."""
    return Check("nothing open", left == 0, f"{left} payments and refunds open", {"open": left})


async def _seal(running: Running) -> None:
    """Until the latest checkpoint covers the log; the worker seals as well. Raises OutsideFailure
    when it does not come to that."""
    deadline = time.monotonic() + _SEALED_WITHIN_S
    while True:
        await seal_evidence(running.tools, running.clock, running.signer)
        async with running.tools.database.transaction(readonly=True) as tx:
            latest = await latest_checkpoint(tx)
            if latest is not None and latest.size == await log_size(tx):
                return
        if time.monotonic() > deadline:
            raise OutsideFailure(Outcome.UNKNOWN, "the evidence log is not sealed to its end")
        await asyncio.sleep(0.1)

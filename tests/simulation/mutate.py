"""`python -m tests.simulation.mutate`: is the simulation able to see what it is there for?

Each sabotage is put into a copy of the tree, and lives are led there until one fails. A sabotage
that survives is a hole in the invariants, or in what fate brings about.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FAILED = re.compile(r"^seed (\d+) failed after \d+ ticks: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sabotage:
    """`right` stands once in `file`, below `src/anfu`, and is replaced by `wrong`; lives are led
    from the seed `first`, near one that is known to see what is seldom seen."""

    name: str
    file: str
    right: str
    wrong: str
    first: int = 0


SABOTAGES = (
    Sabotage(
        "a payment is voided when the network does not know it",
        "payments/send.py",
        "    _note(tools, payment, answer, now)\n"
        "    return Booking(number_of(payment), _compared(payment, answer))\n",
        '    if answer.reason == "not_found":\n'
        "        answer = replace(answer, outcome=Outcome.NOT_DONE)\n"
        "    return Booking(number_of(payment), _compared(payment, answer))\n",
    ),
    Sabotage(
        "nobody writes down that a payment is being undone",
        "payments/send.py",
        "        await tools.database.run("
        "lambda tx: operations.mark_reversing(tx, payment=payment.id))\n",
        "",
        first=4_200,
    ),
    Sabotage(
        "a refund that was sent again is failed by the answer to its first sending",
        "payments/refund.py",
        "    if first and failed and await operations.has_come_back(tx, refund=refund_id):\n"
        "        return record.describe_refund(before)\n",
        "",
        first=7_000,
    ),
    Sabotage(
        "a time-out is booked as a failure",
        "payments/book.py",
        "    Outcome.UNKNOWN: State.UNKNOWN,",
        "    Outcome.UNKNOWN: State.FAILED,",
    ),
    Sabotage(
        "a notice is acted on without the table of nonces",
        "payments/notice.py",
        "        fresh = await channels.record_notices("
        "tx, channel=channel, nonces=nonces, now=now)  # 4\n        new +=",
        "        fresh = frozenset(nonces)\n        new +=",
    ),
    Sabotage(
        "limits are given back twice",
        "limits/operations.py",
        "    uses = await _end(tx, ids)\n    await release(tx, uses=uses)",
        "    uses = await _end(tx, ids)\n    await release(tx, uses=[*uses, *uses])",
    ),
    Sabotage(
        "a refund may be more than is left",
        "payments/refund.py",
        "    if left == 0 or (order.amount or left) > left:",
        "    if (order.amount or left) > payment.amount:",
    ),
    Sabotage(
        "a refund the network does not know is taken as failed",
        "payments/send.py",
        "    if answer.outcome is Outcome.UNKNOWN:\n"
        "        return await send_refund(tools, refund, first=False)",
        '    if answer.reason == "not_found":\n'
        "        return replace(answer, outcome=Outcome.NOT_DONE)",
    ),
    Sabotage(
        "what stays unknown is not come back to",
        "payments/book.py",
        "    if payment.state is State.UNKNOWN:\n        return now + tools.policy.sending",
        "    if payment.state is State.SENDING:\n        return now + tools.policy.sending",
    ),
    Sabotage(
        "money for an attempt that was given up is not seen",
        "payments/book.py",
        "        if own is State.FAILED:\n            log.error",
        "        if own is State.SENDING:\n            log.error",
    ),
    Sabotage(
        "a delivery overtakes an earlier one of its object",
        "storage/outbox.py",
        "    WHERE d.state = 'WAITING' AND d.next_at <= $1 AND NOT EXISTS (",
        "    WHERE d.state = 'WAITING' AND d.next_at <= $1 AND (SELECT true) OR NOT EXISTS (",
    ),
    Sabotage(
        "a refused connection is certain also when it is not the first",
        "channels/sandbox/client.py",
        "    outcome = failure.outcome if first else Outcome.UNKNOWN",
        "    outcome = failure.outcome",
    ),
    Sabotage(
        "the network is believed without its signature",
        "channels/sandbox/client.py",
        "            verify(self._identity, place, headers, answer, now=self._clock.now())\n",
        "",
    ),
    Sabotage(
        "the matching overlooks amounts",
        "settlement/reconciliation/operations/matching.py",
        "    WHEN l.amount <> o.amount THEN 'AMOUNT_MISMATCH'\n",
        "",
    ),
    Sabotage(
        "what went back on a later day is taken for a second line",
        "payments/booked/queries.py",
        "       NULL\n",
        "       s.seen_at\n",
    ),
)


def caught_by(sabotage: Sabotage, seeds: int) -> tuple[int, str] | None:
    """After how many lives it is seen, and by what; None when it survives."""
    with tempfile.TemporaryDirectory(prefix="anfu-sabotage-") as folder:
        tree = Path(folder)
        shutil.copytree(ROOT / "src", tree / "src", symlinks=True)
        shutil.copytree(ROOT / "tests", tree / "tests", ignore=shutil.ignore_patterns("*.pyc"))
        _spoil(tree / "src" / "anfu" / sabotage.file, sabotage)
        done = subprocess.run(
            [sys.executable, "-m", "tests.simulation.run", "--seeds", str(seeds), "--first",
             "--from", str(sabotage.first)],
            cwd=tree, env={**os.environ, "PYTHONPATH": str(tree / "src")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = _FAILED.search(done.stdout)
    if found is None and done.returncode != 0:
        raise RuntimeError(done.stderr)
    return None if found is None else (int(found[1]) + 1 - sabotage.first, found[2])


def _spoil(path: Path, sabotage: Sabotage) -> None:
    text = path.read_text("utf-8")
    if text.count(sabotage.right) != 1:
        raise RuntimeError(f"{sabotage.file} is no longer as {sabotage.name!r} knows it")
    path.write_text(text.replace(sabotage.right, sabotage.wrong), "utf-8")


def main() -> None:
    """Prints a table; exits with 1 when a sabotage survives."""
    parser = argparse.ArgumentParser(prog="tests.simulation.mutate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="lives to the most, each")
    parser.add_argument("--only", type=int, help="the number of one sabotage, from 1")
    asked = parser.parse_args()
    survived = 0
    print("| sabotage | seen after lives | by |\n|---|---:|---|", flush=True)
    for number, sabotage in enumerate(SABOTAGES, 1):
        if asked.only in (None, number):
            seen = caught_by(sabotage, asked.seeds)
            survived += seen is None
            after, why = seen or ("not seen", "")
            print(f"| {sabotage.name} | {after} | {_short(why)} |", flush=True)
    sys.exit(1 if survived else 0)


def _short(why: str) -> str:
    """Without ids, which say nothing to the reader of a table."""
    return re.sub(r"\b(pay|rfd|evt|dlv)_[0-9a-z]{26}", r"\1_…", why)[:120].replace("|", "/")


if __name__ == "__main__":
    main()

"""The example of the README against a server of its own, as a newcomer runs it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from anfu.simulation.processes import Stack, development_environment

EXAMPLE = Path(__file__).parents[2] / "docs/examples/first_payment.py"
ANFU = [sys.executable, "-c", "from anfu.app.main import main; main()"]


def test_the_first_payment_succeeds() -> None:
    with tempfile.TemporaryDirectory(prefix="anfu-test-") as name:
        home = Path(name)
        home.chmod(0o711)
        with Stack(home, development_environment(os.environ)) as stack:
            stack.start_api()
            asyncio.run(stack.ready())
            made = subprocess.run(
                [*ANFU, "keys", "create", "--label", "first"], env=stack.environment,
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            (home / "key.json").write_text(made.stdout)
            done = subprocess.run(
                [sys.executable, str(EXAMPLE), stack.base_url, str(home / "key.json")],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
    assert done.returncode == 0, done.stderr
    payment = json.loads(done.stdout)
    assert (payment["state"], payment["amount"]) == ("SUCCEEDED", 1250)

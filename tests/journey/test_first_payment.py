"""The first examples against a server of their own, as a newcomer runs them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from anfu.simulation.processes import Stack, development_environment

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
ANFU = [sys.executable, "-c", "from anfu.app.main import main; main()"]


def test_a_first_payment_a_first_checkout_and_a_first_code() -> None:
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
                [sys.executable, EXAMPLES / "first_payment.py", stack.base_url, home / "key.json"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            key = json.loads(made.stdout)
            bearer = f"{key['id']}.{key['secret']}"
            asked, scanned = (
                subprocess.run(
                    [sys.executable, EXAMPLES / name, stack.base_url, bearer],
                    capture_output=True, text=True, check=False,
                )
                for name in ("first_checkout.py", "first_code.py")
            )  # fmt: skip
    assert done.returncode == 0, done.stderr
    payment = json.loads(done.stdout)
    assert (payment["state"], payment["amount"]) == ("SUCCEEDED", 1250)
    assert asked.returncode == 0, asked.stderr
    checkout = json.loads(asked.stdout)
    pages = stack.base_url.replace("127.0.0.1", "localhost")
    assert checkout["open"].startswith(f"{pages}/pay/{checkout['checkout']}#")
    assert scanned.returncode == 0, scanned.stderr
    paid = json.loads(scanned.stdout)
    assert paid["state"] == "SUCCEEDED"
    assert paid["open"].startswith(f"{pages}/checkout/show#tkt_shw_")

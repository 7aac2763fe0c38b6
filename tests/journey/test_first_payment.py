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


def test_the_first_payment_succeeds_and_the_first_checkout_has_a_page() -> None:
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
            asked = subprocess.run(
                [sys.executable, EXAMPLES / "first_checkout.py", stack.base_url,
                 f"{key['id']}.{key['secret']}"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
    assert done.returncode == 0, done.stderr
    payment = json.loads(done.stdout)
    assert (payment["state"], payment["amount"]) == ("SUCCEEDED", 1250)
    assert asked.returncode == 0, asked.stderr
    checkout = json.loads(asked.stdout)
    page = stack.base_url.replace("127.0.0.1", "localhost") + f"/pay/{checkout['checkout']}#"
    assert checkout["open"].startswith(page)

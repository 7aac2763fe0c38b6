"""The command line of a house: the same database, the same evidence key."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from anfu.app.main import wire
from anfu.entrypoints.cli.commands import application


class CommandLine:
    """`await cli("evidence", "verify")` runs a command as `anfu` would."""

    def __init__(self, database_url: str, home: Path, **settings: str) -> None:
        keys = home / "keys"
        keys.mkdir(mode=0o700)
        (keys / "evidence").touch(0o600)
        (keys / "evidence").write_text((bytes([3]) * 32).hex())  # the house's own
        self.home = home
        self.environment = {"ANFU_DATABASE_URL": database_url, "ANFU_HOME": str(home),
                            "ANFU_ORIGIN": "anfu.test/log", **settings}  # fmt: skip

    async def __call__(self, *arguments: str) -> Result:
        app = application(wire(self.environment))
        # A command runs an event loop of its own.
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    async def json(self, *arguments: str, status: int = 0) -> Any:
        """The one document on standard output."""
        result = await self(*arguments, "--json")
        assert result.exit_code == status, result.output
        return json.loads(result.stdout)

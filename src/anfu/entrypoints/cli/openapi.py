"""`anfu openapi`: the description of the API, for whoever makes a client of it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from anfu.entrypoints.api.application import description
from anfu.entrypoints.cli.wiring import Wiring


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def openapi(
        *,
        trial: Annotated[
            bool, typer.Option(help="With what only a trial installation answers.")
        ] = False,
    ) -> None:
        """Print the OpenAPI 3.1 document that `GET /openapi.json` serves. Needs no database.

        Example: anfu openapi > openapi.json
        """
        sys.stdout.buffer.write(description(development_mode=trial, version=wiring.version))

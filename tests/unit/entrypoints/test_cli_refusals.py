"""What a command says when it says no: what happened and what to do, in both languages."""

from __future__ import annotations

import socket

import pytest

from anfu.entrypoints.cli.commands import said
from anfu.entrypoints.cli.serve import check_port
from anfu.kernel.errors import Refused


def test_a_refusal_is_told_with_its_remedy_in_both_languages() -> None:
    assert said(Refused("port_taken", field="--port", port=8123)) == [
        "[red]anfu:[/red] Another program listens on port 8123. 端口 8123 已被占用。",
        "End it, or choose another port with --port."
        " 请结束占用该端口的程序，或用 --port 指定其他端口。",
        "[dim]port_taken (--port) {'port': 8123}[/dim]",
    ]


def test_what_somebody_typed_is_no_markup() -> None:
    told = said(Refused("setting_unknown", field="ANFU_[red]", known=["a"]))
    assert told[2] == r"[dim]setting_unknown (ANFU_\[red]) {'known': ['a']}[/dim]"
    assert said(Refused("nobody_knows_it")) == ["[red]anfu:[/red] nobody_knows_it"]


def test_a_port_that_is_taken_is_refused_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused) as refused:
            check_port("127.0.0.1", port)
        assert (refused.value.code, refused.value.details["port"]) == ("port_taken", port)
    check_port("127.0.0.1", port)
    with pytest.raises(Refused) as refused:
        check_port("203.0.113.7", port)
    assert (refused.value.code, refused.value.field) == ("setting_invalid", "--host")

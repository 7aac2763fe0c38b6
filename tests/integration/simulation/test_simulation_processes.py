"""Child processes: started, awaited, stopped, killed, orphaned."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from anfu.entrypoints.cli.demo_models import PROGRAM
from anfu.kernel.errors import OutsideFailure
from anfu.simulation.processes import (
    HOST,
    NETWORK,
    Stack,
    development_environment,
    free_port,
    fresh_home,
)

PARENT = """
import asyncio, os, sys, time
from pathlib import Path
from anfu.simulation.processes import NETWORK, Stack
stack = Stack(Path(sys.argv[1]), os.environ)
stack.start_network()
asyncio.run(stack.ready())
print(stack.pid(NETWORK), flush=True)
time.sleep(60)
"""


@pytest.fixture
def stack(home: Path) -> Iterator[Stack]:
    with Stack(home, development_environment(os.environ)) as stack:
        yield stack


async def test_a_process_is_ready_and_then_stopped(stack: Stack) -> None:
    stack.start_network("--fault", "decline=0.1")
    await stack.ready(timeout_s=30)
    assert stack.running(NETWORK)
    pid = stack.pid(NETWORK)
    stack.stop()
    assert not alive(pid)
    assert not stack.running(NETWORK)
    stack.stop()


async def test_a_killed_process_starts_again_on_its_port(stack: Stack) -> None:
    for _ in range(2):
        stack.start_network()
        await stack.ready(timeout_s=30)
        pid = stack.pid(NETWORK)
        stack.kill(NETWORK)
        assert not alive(pid)


def test_a_port_that_is_taken_is_told(stack: Stack) -> None:
    with socket.create_server((HOST, 0)) as taken:
        stack.ports[NETWORK] = taken.getsockname()[1]
        with pytest.raises(OutsideFailure, match=f"port {stack.ports[NETWORK]} is taken"):
            stack.start_network()


async def test_a_process_that_does_not_come_up_is_told_with_its_log(stack: Stack) -> None:
    stack.start_network("--fault", "earthquake=1")
    with pytest.raises(OutsideFailure, match=r"(?s)network ended with status 2; .*decline=0\.02"):
        await stack.ready(timeout_s=30)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_child_outlives_its_parent_however_it_ends(home: Path, number: int) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(home)],
        env=development_environment(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    with parent, parent.stdout as said:
        child = int(said.readline())
        assert alive(child)
        parent.send_signal(number)
        parent.wait(30)
    deadline = time.monotonic() + 20
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_training_ends_with_whoever_started_it(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(2)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(20) == -signal.SIGTERM


def test_the_operators_settings_do_not_reach_a_playground() -> None:
    operators = {"ANFU_DATABASE_URL": "postgresql://live", "ANFU_HOME": "/srv", "PATH": "/bin"}
    assert development_environment(operators) == {
        "PATH": "/bin",
        "ANFU_DEVELOPMENT": "1",
        "ANFU_ACCEPT_HISTORY": "1",
    }


def test_a_fresh_home_is_empty(home: Path) -> None:
    demo = home / "demo"
    fresh_home(demo)
    (demo / "keys").mkdir()
    fresh_home(demo)
    assert list(demo.iterdir()) == []


def test_free_ports_are_free() -> None:
    with socket.create_server((HOST, free_port())):
        pass


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be seen does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

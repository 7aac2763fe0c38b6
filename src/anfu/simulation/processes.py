"""An installation as child processes: network, API and worker on free loopback ports.

A child dies with its parent, however the parent ends: it waits on a pipe whose other end only the
parent holds. What children write goes into `<home>/logs/<name>.log`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.embedded import EmbeddedServer, stop

API, WORKER, NETWORK, SPARE = "api", "worker", "network", "spare"
HOST = "127.0.0.1"
_STOP_S = 15.0
_LOG_LINES = 8
# What makes a program of this very Python end by SIGTERM once its standard input is closed.
ENDS_WITH_PARENT = """
import os, signal, threading
def _orphaned():
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=_orphaned, daemon=True).start()
"""
_PROGRAM = f"{ENDS_WITH_PARENT}from anfu.app.main import main\nmain()"


def development_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` for an installation to play with: none of the operator's own settings (least
    of all the database), one-time codes readable, payments of other days accepted."""
    kept = {name: value for name, value in environment.items() if not name.startswith("ANFU_")}
    return {**kept, "ANFU_DEVELOPMENT": "1", "ANFU_ACCEPT_HISTORY": "1"}


def free_port() -> int:
    """A loopback port nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


_TWO_NETWORKS = """\
[channels.spare]
network = "sandbox"
member = {{ url = "{url}" }}

[[routes.sandbox]]
channel = "sandbox"
cost_bp = 38

[[routes.sandbox]]
channel = "spare"
cost_bp = 60
"""


class Stack:
    """The processes of one installation. Use as a context manager: `stop` is called at the end.

    `environment` is the children's, besides ANFU_HOME (`home`) and ANFU_SANDBOX_URL.
    """

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home.absolute()
        self.ports = {API: free_port(), NETWORK: free_port()}
        self._environment = {
            **environment,
            "ANFU_HOME": str(self.home),
            "ANFU_SANDBOX_URL": self.network_url,
            "ANFU_CHECKOUT_ORIGIN": f"http://localhost:{self.ports[API]}",
        }
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def base_url(self) -> str:
        """Where the API is, or will be."""
        return f"http://{HOST}:{self.ports[API]}"

    @property
    def network_url(self) -> str:
        """Where the sandbox network is, or will be."""
        return f"http://{HOST}:{self.ports[NETWORK]}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What the children are started with; for more processes of the same installation."""
        return self._environment

    def start_api(self, *options: str) -> None:
        """`anfu serve --no-worker` with `options`. Raises OutsideFailure for a port taken since."""
        self._start(API, ["serve", "--port", str(self.ports[API]), "--no-worker", *options])

    def start_worker(self) -> None:
        """`anfu worker`."""
        self._start(WORKER, ["worker"])

    def start_network(self, *options: str) -> None:
        """`anfu sandbox` with `options`, e.g. "--fault", "decline=0.02"; it tells the API."""
        notices = f"{self.base_url}/v1/channels/sandbox/notices"
        port = str(self.ports[NETWORK])
        self._start(NETWORK, ["sandbox", "--port", port, "--notify", notices, *options])

    def start_spare(self, *options: str) -> None:
        """A second sandbox network, the channel `spare`, and the way of everything that the first
        one takes: it costs more. Before the API is started."""
        port = self.ports[SPARE] = free_port()
        file = self.home / "channels.toml"
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(_TWO_NETWORKS.format(url=f"http://{HOST}:{port}"), "utf-8")
        self._environment["ANFU_CHANNELS"] = str(file)
        notices = f"{self.base_url}/v1/channels/{SPARE}/notices"
        self._start(SPARE, ["sandbox", "--port", str(port), "--notify", notices, *options])

    async def ready(self, *, timeout_s: float = 90.0) -> None:
        """Wait until every started process with a port answers.

        Raises OutsideFailure when one has ended instead, or does not answer in time.
        """
        deadline = time.monotonic() + timeout_s
        for name in [name for name in self._children if name in self.ports]:
            while not await _answers(self.ports[name], "/ready" if name == API else None):
                self.check()
                if time.monotonic() > deadline:
                    raise self._failure(name, f"does not answer within {timeout_s:g} s")
                await asyncio.sleep(0.05)
        self.check()

    def check(self) -> None:
        """Raises OutsideFailure, with the end of its log, when a process has ended by itself."""
        for name, child in self._children.items():
            if child.poll() is not None:
                raise self._failure(name, f"ended with status {child.returncode}")

    def running(self, name: str) -> bool:
        """Whether the process was started and lives."""
        child = self._children.get(name)
        return child is not None and child.poll() is None

    def pid(self, name: str) -> int:
        """The process id of a started process."""
        return self._children[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL: the process ends at once, in the middle of whatever it does. It may be started
        again on the same port."""
        child = self._children.pop(name)
        child.kill()
        child.wait()
        _close(child)

    def stop(self) -> None:
        """End every process, gently at first, and the embedded database when nobody else uses it.
        May be called twice."""
        children = list(self._children.values())
        self._children.clear()
        try:
            for child in children:
                child.terminate()
            deadline = time.monotonic() + _STOP_S
            for child in children:
                _wait(child, deadline)
        finally:
            for child in children:
                child.kill()  # does nothing to those that have ended
                child.wait()
                _close(child)
        stop_database(self.home)

    def log_of(self, name: str) -> Path:
        """Where a process writes what it has to say."""
        return self.home / "logs" / f"{name}.log"

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self, name: str, arguments: Sequence[str]) -> None:
        if name in self.ports and not _is_free(self.ports[name]):
            raise OutsideFailure(Outcome.NOT_DONE, f"port {self.ports[name]} is taken")
        log = self.log_of(name)
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *arguments],
                env=dict(self._environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is the parent's to hear
            )

    def _failure(self, name: str, what: str) -> OutsideFailure:
        log = self.log_of(name)
        lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
        end = "\n".join(lines[-_LOG_LINES:])
        return OutsideFailure(Outcome.NOT_DONE, f"{name} {what}; see {log}\n{end}".rstrip())


def fresh_home(home: Path) -> None:
    """Empty `home` and its embedded database of what an earlier run left.

    Raises OutsideFailure when a run is still at work there.
    """
    place = EmbeddedServer(home / "postgres").place
    if not stop_database(home):
        raise OutsideFailure(Outcome.NOT_DONE, f"{home} is in use by another run")
    shutil.rmtree(place.home)
    shutil.rmtree(home, ignore_errors=True)
    # Passable, so that the account the database runs as reaches its folder.
    home.mkdir(mode=0o711, parents=True)


def stop_database(home: Path) -> bool:
    """Stop the embedded database of `home`, which a killed process may have left running; False
    when somebody uses it."""
    place = EmbeddedServer(home / "postgres").place
    handle = os.open(place.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        stop(place)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


async def _answers(port: int, path: str | None) -> bool:
    """Whether something listens on `port` and, where a path is given, answers 200 to it."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    try:
        if path is None:
            return True
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(5):
            return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def _wait(child: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()

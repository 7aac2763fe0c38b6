"""A line to staff: an HTTP server that takes notices, or fails as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Line:
    """`answers` are the next statuses, then 200; 0 is silence until `loud` is set. `taken` is what
    came."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    loud: threading.Event = field(default_factory=threading.Event)


@contextmanager
def open_line() -> Iterator[Line]:
    """A server on loopback."""
    line = Line()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = line.answers.pop(0) if line.answers else 200
            if status == 0:
                line.loud.wait(10)
                status = 200
            line.taken.append({**body, "status": status, "path": self.path})
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    line.url = f"json://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield line
    finally:
        line.loud.set()
        server.shutdown()
        server.server_close()
        thread.join()

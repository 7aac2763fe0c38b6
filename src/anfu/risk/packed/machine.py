"""How the kernel is compiled: once for all catalogues, and kept on disk.

Numba keeps what it compiled in `NUMBA_CACHE_DIR`, beside the source, or in the user's cache folder,
whichever it may write. It knows an entry by the source of that one function; so every entry has
the digest of the whole kernel in its closure, and is compiled anew when any of it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.dispatcher import Dispatcher

_F = TypeVar("_F", bound=Callable[..., Any])
# Its published types know none of the options that leave out what we do not need.
_compile: Any = numba.njit
_typeof: Any = numba.typeof


def inner(function: _F) -> _F:
    """A function of the kernel, compiled into the entries that call it and by Python never."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    return cast(_F, _compile(**options)(function))


def entry(function: _F) -> _F:
    """A function of the kernel that Python calls. Where nothing can be kept on disk it is compiled
    in every process."""
    try:
        return cast(_F, _compile(cache=True, _nrt=False)(function))
    except RuntimeError:  # no folder that may be written
        return cast(_F, _compile(_nrt=False)(function))


def ready(function: Any, *arguments: Any) -> Any:
    """An entry, compiled before anybody waits for it, for arguments like these."""
    if isinstance(function, Dispatcher):
        function.compile(tuple(_typeof(argument) for argument in arguments))
    return function


def _digest() -> int:
    folder = Path(__file__).parent
    made = blake2b(digest_size=7)
    others = [folder.parent / name for name in ("environment.py", "places.py", "sketch.py")]
    for file in [*sorted(folder.glob("*.py")), *others]:
        made.update(file.read_bytes())
    return int.from_bytes(made.digest(), "big")


# Of the source of this folder and of what it compiles from others, as they are when loaded.
DIGEST = _digest()

"""Random bytes are given out once."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from anfu.kernel.ids import SystemEntropy


def test_a_fork_does_not_repeat_its_parents_bytes() -> None:
    entropy = SystemEntropy()
    entropy.bytes(16)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, entropy.bytes(16))
        os._exit(0)
    ours = entropy.bytes(16)
    theirs = os.read(reader, 16)
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)
    assert len(theirs) == 16
    assert theirs != ours


def test_two_threads_do_not_share_bytes() -> None:
    entropy = SystemEntropy()

    def take(_: int) -> list[bytes]:
        return [entropy.bytes(12) for _ in range(20_000)]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            taken = [part for parts in threads.map(take, range(4)) for part in parts]
    finally:
        sys.setswitchinterval(before)
    assert {len(part) for part in taken} == {12}
    assert len(set(taken)) == 80_000

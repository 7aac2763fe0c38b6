"""Tiles in the form of C2SP tlog-tiles."""

from __future__ import annotations

import pytest

from anfu.evidence.merkle import HASH, fold, leaf_hash
from anfu.evidence.tiles import Edge, Tile, edge_places, tile_path, width_at
from anfu.kernel.errors import BrokenInvariant


def hashes(count: int) -> bytes:
    return b"".join(leaf_hash(str(number).encode()) for number in range(count))


def test_paths_as_the_specification_writes_them() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(1, 1000) == "tile/1/x001/000"
    assert tile_path(2, 0, 17) == "tile/2/000.p/17"


def test_the_specifications_tree_of_70000() -> None:
    assert edge_places(70_000) == [(0, 273), (1, 1), (2, 0)]
    assert [width_at(*place, 70_000) for place in edge_places(70_000)] == [112, 17, 1]
    assert [width_at(0, 272, 70_000), width_at(0, 274, 70_000)] == [256, 0]
    assert edge_places(256) == [(1, 0)]
    assert edge_places(0) == []


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_793, 66_000])
def test_an_edge_grown_in_steps_is_the_edge_grown_at_once(size: int) -> None:
    everything = hashes(size)
    whole = Edge()
    full = whole.grow(everything)
    steps, found, kept = Edge(), list[Tile](), dict[tuple[int, int], bytes]()
    for start in range(0, size, 1000):
        steps = Edge(steps.size, kept)
        found += steps.grow(everything[start * HASH : (start + 1000) * HASH])
        kept = {tile.place: tile.hashes for tile in steps.partial()}
    assert found == full
    assert steps.root() == whole.root()
    assert steps.partial() == whole.partial()
    assert [tile.place for tile in whole.partial()] == edge_places(size)
    for tile in (*full, *whole.partial()):
        assert len(tile.hashes) == HASH * width_at(*tile.place, size)
    for tile in full:
        if tile.level == 0:
            start = tile.index * 256 * HASH
            assert tile.hashes == everything[start : start + 256 * HASH]
    if size == 65_536:
        assert [tile.place for tile in whole.partial()] == [(2, 0)]
        assert whole.root() == whole.partial()[0].hashes == fold(everything)


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    edge = Edge()
    edge.grow(hashes(300))
    kept = {tile.place: tile.hashes for tile in edge.partial()}
    assert Edge(300, kept).root() == edge.root()
    for size in (299, 301):
        with pytest.raises(BrokenInvariant):
            Edge(size, kept)
    del kept[1, 0]
    with pytest.raises(BrokenInvariant):
        Edge(300, kept)

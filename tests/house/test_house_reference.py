"""The reference in `docs/reference` is what the code says today."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from tests.house.house_source import ROOT

FILE = ROOT / "docs/build_reference.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_reference", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _load()


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_page_of_the_reference_is_fresh(page: str) -> None:
    try:
        text = reference.PAGES[page]()
    except reference.NotBuilt as reason:
        pytest.skip(str(reason))
    file = reference.FOLDER / page
    assert file.exists(), "run `make docs`"
    assert file.read_text("utf-8") == text, "run `make docs`"


def test_no_page_lies_around_that_nothing_writes() -> None:
    if reference.FOLDER.exists():
        assert {file.name for file in reference.FOLDER.iterdir()} <= set(reference.PAGES)

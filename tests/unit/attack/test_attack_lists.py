"""The lists of the battery of attacks are complete, and what it measures with is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.attack.assignment import EXTRA
from tests.attack.document import Asked, read_document
from tests.attack.enumeration import absent
from tests.attack.makers import MADE
from tests.attack.objects import NAMED, OWN_WORDS
from tests.attack.tally import Tally
from tests.attack.timing import judge

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.openapi import describe

# Fields of bodies that are called like an object and name none, or one of the caller's own world.
NO_OBJECT = {"device", "factor", "event", "id", "version", "kind", "list", "model", "rule", "case",
             "currency", "channel", "other", "subject", "backtest", "endpoint", "delivery",
             "onboarding", "refund", "multiplier", "key", "settlement", "account",
             "checkout"}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    return read_document(describe(operations(development_mode=True), "test"))


def test_every_operation_is_read(asked: list[Asked]) -> None:
    declared = {o.name: o.scope for o in operations(development_mode=True)}
    assert {one.name: one.scope for one in asked} == declared


def test_every_path_parameter_has_a_maker(asked: list[Asked]) -> None:
    assert {name for one in asked for name in one.parameters} == MADE


def test_every_object_a_body_may_name_is_asked_for(asked: list[Asked]) -> None:
    fields = {field for one in asked for field in one.fields}
    assert sorted(MADE & fields - NO_OBJECT - NAMED.keys()) == []
    every = {(one.name, field) for one in asked for field in one.fields}
    assert sorted(OWN_WORDS - every) == []


def test_a_body_is_filled_for_every_operation_that_takes_one(asked: list[Asked]) -> None:
    assert [one.name for one in asked if one.body is not None and not one.fields] == []
    assert EXTRA.keys() >= {"state", "status", "scopes", "amount_refunded", "opened_by"}


def test_names_of_nobody_have_the_form_of_names() -> None:
    name = "pay_01m8h8txg1yfqjt4cwphr8bvsn"
    assert (len(absent(name)), absent(name)[:4]) == (len(name), "pay_")
    assert absent("drawn") == "nward"


@pytest.mark.parametrize(("shift", "stands_out"), [(0.0, False), (0.00005, False), (0.0005, True)])
def test_a_difference_stands_out_when_it_is_sure_and_large(shift: float, stands_out: bool) -> None:
    noise = np.random.default_rng(1)
    pairs: Any = noise.normal(0.005, 0.0002, (400, 2))
    pairs[:, 1] += shift
    told = judge(pairs)
    assert (told["pairs"], told["stands_out"]) == (400, stands_out)


def test_an_attempt_that_is_not_stopped_passes() -> None:
    tally = Tally("kind", "defence")
    for what, stopped in (("one", True), ("two", False)):
        tally.judge(what, stopped)
    told = tally.told()
    assert (told["attempts"], told["passes"], told["passed"]) == (2, 1, ["two"])

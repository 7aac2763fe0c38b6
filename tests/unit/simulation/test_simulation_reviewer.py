"""The reviewer's rule of thumb, seen facts only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anfu.kernel.clock import SystemClock
from anfu.simulation.client import Client, Credentials, Reply
from anfu.simulation.reviewer import REJECT_FROM, Reviewers, suspicion

STRANGER = {
    "payer_device_age_s": 0,
    "payer_payee_age_s": 0,
    "distance_km": 1_200.0,
    "speed_kmh": 5_000.0,
    "amount_to_mean": 40.0,
}
REGULAR = {
    "payer_device_age_s": 400_000,
    "payer_payee_age_s": 400_000,
    "distance_km": 3.0,
    "speed_kmh": 2.0,
    "amount_to_mean": 40.0,
}


def test_a_stranger_with_the_payers_money_is_rejected() -> None:
    assert suspicion(STRANGER) == 6
    assert suspicion(STRANGER) >= REJECT_FROM


def test_a_regular_who_buys_something_dear_is_released() -> None:
    assert suspicion(REGULAR) == -2


def test_a_traveller_on_the_own_phone_is_released() -> None:
    assert suspicion({**REGULAR, "distance_km": 1_200.0, "payer_payee_age_s": 0}) < REJECT_FROM


def test_nothing_known_speaks_neither_way() -> None:
    assert suspicion({}) == suspicion(dict.fromkeys(STRANGER)) == 0


class Desk(Client):
    """One case about one payment. `states` are those in which the case is found, look by look;
    then it is closed. `asked` is what was done, by whom."""

    def __init__(self, name: str, states: list[str], facts: Mapping[str, Any]) -> None:
        super().__init__("http://127.0.0.1:1", Credentials("key", "sk"), clock=SystemClock())
        self.name, self.states, self.facts = name, states, facts
        self.asked: list[Any] = []

    async def _patiently(self, method: str, target: str, body: bytes, key: str | None) -> Reply:
        if method == "POST":
            self.asked.append((target.rpartition("/")[2], key, body.decode()))
            return Reply(200, {}, 0.001, 1)
        if target.startswith("/v1/cases?"):
            return Reply(200, {"data": [{"id": "cas_1"}] if self.states else []}, 0.001, 1)
        if target.startswith("/v1/cases/"):
            item = {"event": "pay_1", "decision": "dec_1", "verdict": None, "facts": self.facts}
            state = self.states.pop(0)
            return Reply(200, {"id": "cas_1", "state": state, "revision": 4, "items": [item]},
                         0.001, 1)  # fmt: skip
        return Reply(200, {"id": "pay_1", "state": "SUCCEEDED"}, 0.001, 1)


async def test_a_case_is_claimed_said_of_and_confirmed_by_the_second() -> None:
    first = Desk("first", ["OPEN", "CLAIMED", "CONFIRMING"], STRANGER)
    second = Desk("second", [], {})
    reply = await Reviewers(first, second).review("pay_1", key="k")
    assert reply.body["state"] == "SUCCEEDED"
    said = '{"verdict":"REJECT","reason":"PAYER_DENIES","revision":4,"decisions":["dec_1"]}'
    assert first.asked == [("claim", "k-0-claim", ""), ("verdict", "k-1-say", said)]
    assert second.asked == [("confirm", "k-2-confirm", "")]


async def test_a_case_that_changes_under_the_hands_is_said_of_again() -> None:
    first = Desk("first", ["CLAIMED", "CLAIMED"], REGULAR)
    await Reviewers(first, first).review("pay_1", key="k")
    assert [key for _, key, _ in first.asked] == ["k-0-say", "k-1-say"]
    assert all('"RELEASE"' in body for _, _, body in first.asked)

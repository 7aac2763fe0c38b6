"""The reviewer's rule of thumb, seen facts only."""

from __future__ import annotations

from anfu.simulation.reviewer import REJECT_FROM, suspicion

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

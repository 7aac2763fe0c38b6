"""The stream `anfu bench decisions` decides on: no event like another, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind

_START = datetime(2026, 1, 5, tzinfo=UTC)
_CITIES = ((31.2, 121.5), (39.9, 116.4), (22.5, 114.1), (30.6, 104.1), (23.1, 113.3))
_MCCS = ("5411", "5812", "5732", "6051", "4829", "5944")
_BEHAVIOUR = (Kind.LOGIN, Kind.LOGIN, Kind.LOGIN, Kind.PAGE, Kind.PAGE, Kind.LOGIN_FAILED,
              Kind.PAYEE_ADD, Kind.DEVICE_BIND, Kind.PASSWORD_CHANGE, Kind.REFUND,
              Kind.CHALLENGE_PASSED, Kind.CHALLENGE_FAILED, Kind.CHALLENGE_ABANDONED,
              Kind.CHALLENGE_EXPIRED)  # fmt: skip


class Stream:
    """Payments of `payers`, `rate_per_s` of them, and behaviour around one in five. Payers have a
    home, a phone number, one or two devices and cards, and a circle of payees; a tenth of payments
    go to other payers, and one in a hundred is a fraud of a simple kind."""

    def __init__(self, payers: int, rate_per_s: float, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a stream made up, no secret
        self._payers, self._gap_s = payers, 1 / rate_per_s
        self._at, self._count = _START, 0

    def payments(self, count: int) -> Iterator[tuple[Event, list[Event], bool]]:
        """So many payments, each with the behaviour that came before it and whether it is a
        fraud."""
        for _ in range(count):
            self._count += 1
            self._at += timedelta(seconds=self._random.expovariate(1 / self._gap_s))
            fraud = self._random.random() < 0.01
            payment = self._fraud() if fraud else self._honest()
            before = [self._behaviour(payment)] if self._random.random() < 0.2 else []
            yield payment, before, fraud

    def _honest(self) -> Event:
        source = self._random
        payer = source.randrange(self._payers)
        habits = random.Random(payer)  # noqa: S311
        city = habits.choice(_CITIES)
        shop = habits.randrange(5_000) if source.random() < 0.7 else self._popular()
        transfer = source.random() < 0.1
        place = (city[0] + source.gauss(0, 0.05), city[1] + source.gauss(0, 0.05))
        return self._event(
            payer=f"cus_{payer:08d}",
            payee=f"cus_{source.randrange(self._payers):08d}" if transfer else f"mer_{shop:06d}",
            amount=max(100, int(source.lognormvariate(8.5, 1.0))),
            card=None if transfer else f"tok_{payer}_{source.randrange(2)}",
            seen=Environment(f"dvc_{payer}_{source.randrange(2)}", f"ip_{payer // 3}", *place),
            shop=None if transfer else shop,
        )

    def _fraud(self) -> Event:
        source = self._random
        victim, ring = source.randrange(self._payers), source.randrange(50)
        return self._event(
            payer=f"cus_{victim:08d}",
            payee=f"mer_{self._popular():06d}",
            amount=source.randrange(100, 500) if ring % 2 else source.randrange(100_000, 900_000),
            card=f"tok_bought_{self._count}",
            seen=Environment(f"dvc_ring_{ring}", f"ip_ring_{ring}", 45.8, 126.5),
            shop=None,
        )

    def _event(
        self, *, payer: str, payee: str, amount: int, card: str | None, seen: Environment,
        shop: int | None,
    ) -> Event:  # fmt: skip
        source = self._random
        return Event(
            id=f"pay_{self._count:012d}",
            payer=payer,
            payee=payee,
            amount=amount,
            currency="CNY",
            method="BALANCE" if card is None else "CARD",
            card=card,
            at=self._at,
            environment=seen,
            terminal=None if shop is None else f"ter_{shop}_{source.randrange(3)}",
            phone=f"pho_{payer}",
            payee_kind="CUSTOMER" if payee.startswith("cus") else "MERCHANT",
            mcc=None if shop is None else _MCCS[shop % len(_MCCS)],
            promotion="spring" if source.random() < 0.05 else None,
        )

    def _behaviour(self, payment: Event) -> Event:
        kind = self._random.choice(_BEHAVIOUR)
        payee = payment.payee if kind in (Kind.PAYEE_ADD, Kind.REFUND) else ""
        amount = self._random.randrange(500, 60_000) if kind in (Kind.PAGE, Kind.REFUND) else 0
        return Event(f"bhv_{self._count:012d}", payment.payer, payee, amount, "CNY", "",
                     None, payment.at, payment.environment, kind, None, payment.phone)  # fmt: skip

    def _popular(self) -> int:
        return min(int(self._random.paretovariate(1.0)) - 1, 4_999)

"""How many codes are sent: a message costs money, and each is another guess for a thief."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBER_HOUR, NUMBER_DAY = 6, 20
ADDRESS_HOUR, DEVICE_HOUR = 60, 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where a code would go, and who asked: a token of the telephone number, the network address
    and the device the payment came from, as far as they are known."""

    number: str
    address: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Codes sent in the last hour, and to the number in the last day."""

    number_hour: int
    number_day: int
    address_hour: int
    device_hour: int

    @property
    def exceeded(self) -> str | None:
        """Which rate leaves no room for another code: `number`, `address`, `device`, or none."""
        if self.number_hour >= NUMBER_HOUR or self.number_day >= NUMBER_DAY:
            return "number"
        if self.address_hour >= ADDRESS_HOUR:
            return "address"
        return "device" if self.device_hour >= DEVICE_HOUR else None

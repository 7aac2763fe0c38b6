"""How often one may try to sign in: by account, by address, and by both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
# From one address at one account: somebody who mistypes. At one account from anywhere: a hundred
# guesses a day find one code of a million for nobody. From one address: a firm behind one router.
BOTH_QUARTER, ACCOUNT_HOUR, ACCOUNT_DAY, ADDRESS_QUARTER = 5, 20, 60, 60


@dataclass(frozen=True, slots=True)
class Tried:
    """Attempts before this one that did not end in a session."""

    both_quarter: int
    account_hour: int
    account_day: int
    address_quarter: int

    @property
    def wait(self) -> timedelta | None:
        """After how long to try again, None when there is room now. Told alike for accounts that
        are and that are not."""
        if self.account_day >= ACCOUNT_DAY:
            return DAY
        if self.account_hour >= ACCOUNT_HOUR:
            return HOUR
        spent = self.both_quarter >= BOTH_QUARTER or self.address_quarter >= ADDRESS_QUARTER
        return QUARTER if spent else None

    @property
    def alarming(self) -> bool:
        """Whether this attempt is the last one an account has for now, from anywhere."""
        return self.account_hour + 1 == ACCOUNT_HOUR or self.account_day + 1 == ACCOUNT_DAY

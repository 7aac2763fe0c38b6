"""A population of browsers: what each would report of itself, before and after what befalls it.

Telephones of one model and version report the same, their fonts and voices left out; computers
differ by what was installed on them. Shares are round numbers, and no claim about any market.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PHONES = 40
COMPUTERS = 60
PHONE_SHARE = 0.7
VERSIONS = 4
_FONT_SETS = 400
_VOICE_SETS = 30
_LANGUAGES = ("zh-CN", "zh-CN,en", "zh-CN,en-US,en", "en-US", "zh-HK", "zh-TW")


@dataclass(slots=True)
class Browser:
    """One browser of `payer`. `key` stands for its key: another number, another key. `network` is
    the one it is in."""

    number: int
    payer: int
    phone: bool
    model: int
    version: int
    fonts: int
    voices: int
    language: str
    network: int
    key: int
    plugins: int = 0

    def traits(self) -> dict[str, str]:
        """What it reports."""
        make = f"{'p' if self.phone else 'c'}{self.model}"
        found = {
            "canvas": f"{make}v{self.version}" + ("" if self.phone else f"f{self.fonts % 20}"),
            "webgl": make,
            "audio": f"{make[0]}v{self.version}",
            "screen": f"{make[0]}{self.model % 17}",
            "pixels": "24",
            "cores": str(4 + self.model % 3 * 2),
            "memory": str(4 << self.model % 2),
            "platform": f"{make[0]}{self.model % 3}",
            "engine": f"{self.model % 2}",
            "touch": "5" if self.phone else "0",
            "languages": self.language,
            "time_zone": "Asia/Shanghai",
            "plugins": str(self.plugins),
            "network": str(self.network),
        }
        if not self.phone:
            found |= {"fonts": f"f{self.fonts}", "voices": f"o{self.model % 3}v{self.voices}"}
        return found


def population(count: int, dice: random.Random) -> list[Browser]:
    """`count` browsers; a payer has one or two, a household of two payers one network."""
    found: list[Browser] = []
    payer = 0
    while len(found) < count:
        payer += 1
        for _ in range(1 + (dice.random() < 0.4)):
            found.append(_browser(len(found), payer, dice))
    return found[:count]


KINDS = ("nothing", "network", "update", "cleared", "cleared_network", "cleared_update")


def befall(browser: Browser, kind: str, dice: random.Random) -> None:
    """Do it: `network` another network, `update` a new version of the browser, `cleared` its
    storage with key and cookie; two of them together."""
    if "network" in kind:
        browser.network = dice.randrange(10_000_000, 20_000_000)
    if "update" in kind:
        browser.version += 1
    if "cleared" in kind:
        browser.key = dice.getrandbits(62)


def _browser(number: int, payer: int, dice: random.Random) -> Browser:
    phone = dice.random() < PHONE_SHARE
    # Some models are many people's: the share falls as one over the rank.
    models = PHONES if phone else COMPUTERS
    model = dice.choices(range(models), [1 / (rank + 1) for rank in range(models)])[0]
    return Browser(
        number=number,
        payer=payer,
        phone=phone,
        model=model,
        version=dice.randrange(VERSIONS),
        fonts=dice.randrange(_FONT_SETS),
        voices=dice.randrange(_VOICE_SETS),
        language=dice.choices(_LANGUAGES, (60, 15, 10, 7, 4, 4))[0],
        network=payer // 2,
        key=dice.getrandbits(62),
        plugins=0 if phone else dice.randrange(3),
    )

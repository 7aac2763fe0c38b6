"""What an attack comes to: how often it was tried, and what passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SHOWN = 8


@dataclass(slots=True)
class Tally:
    """One kind of attack. `defence`: what has to stop it; `passed`: the attempts that got through,
    in words; `figures`: what was measured."""

    kind: str
    defence: str
    attempts: int = 0
    passed: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def judge(self, what: str, stopped: bool) -> None:
        """Count an attempt; `what` tells it apart when it was not stopped."""
        self.attempts += 1
        if not stopped:
            self.passed.append(what)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": self.kind,
            "attempts": self.attempts,
            "passes": len(self.passed),
            "defence": self.defence,
            "passed": self.passed[:_SHOWN],
            "figures": self.figures,
        }

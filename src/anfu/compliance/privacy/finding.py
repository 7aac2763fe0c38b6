"""A finding: one readable value that should not be, told by its place and a masked sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

# Of each kind in each column or file so many are told one by one; all are counted.
MOST = 20


class Kind(StrEnum):
    """What may not lie about readable (个人信息保护法 art. 51; PCI DSS 4.0.1, 3.3 and 3.5)."""

    CARD_NUMBER = "CARD_NUMBER"  # 卡号
    CITIZEN_ID = "CITIZEN_ID"  # 居民身份证号
    PHONE_NUMBER = "PHONE_NUMBER"  # 电话号码
    ONE_TIME_CODE = "ONE_TIME_CODE"  # 一次性验证码
    PRIVATE_KEY = "PRIVATE_KEY"  # 私钥
    API_KEY = "API_KEY"  # 接口密钥
    BEARER_TOKEN = "BEARER_TOKEN"  # noqa: S105 - a kind of secret, not one
    PASSWORD = "PASSWORD"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is `schema.table.column` or the path of a file; `row` the row's key or the line's
    number. `sample` is masked."""

    kind: Kind
    place: str
    row: str
    sample: str


@dataclass(slots=True)
class Tally:
    """Findings as they come: all counted by kind and place, the first `MOST` of each kept."""

    counts: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.counts[finding.kind, finding.place] += 1
        if self.counts[finding.kind, finding.place] <= MOST:
            self.findings.append(finding)

    @property
    def total(self) -> int:
        return self.counts.total()

"""What a doctor finds: a state, what it is, and how to mend it, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Text = tuple[str, str]
"""English and Chinese."""


class Health(StrEnum):
    """WARNING: it works, but not as it should in production."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `remedy` is empty when there is nothing to mend."""

    check: str
    health: Health
    finding: Text
    remedy: Text = ("", "")


def good(check: str, english: str, chinese: str) -> Finding:
    """Nothing to mend."""
    return Finding(check, Health.GOOD, (english, chinese))


def warning(check: str, finding: Text, remedy: Text) -> Finding:
    """It works, but."""
    return Finding(check, Health.WARNING, finding, remedy)


def bad(check: str, finding: Text, remedy: Text) -> Finding:
    """It does not work, or what it does cannot be relied on."""
    return Finding(check, Health.BAD, finding, remedy)


# The name of each check on the screen.
NAMES: dict[str, Text] = {
    "settings": ("settings", "设置"),
    "keys": ("keys", "密钥"),
    "mode": ("mode", "运行模式"),
    "disk": ("disk", "磁盘"),
    "server": ("embedded server", "内嵌数据库"),
    "database": ("database", "数据库"),
    "version": ("version", "版本"),
    "migrations": ("migrations", "迁移"),
    "rights": ("rights", "权限"),
    "durability": ("durability", "持久性"),
    "checksums": ("checksums", "校验和"),
    "clock": ("clock", "时钟"),
    "sealing": ("sealing", "封存"),
    "checkpoint": ("checkpoint", "检查点"),
    "open_payments": ("open payments", "未结支付"),
    "outbox": ("outbox", "发件箱"),
    "books": ("books", "账目"),
    "rules": ("rules", "规则"),
    "networks": ("payment networks", "支付网络"),
    "calendar": ("calendar", "工作日历"),
    "profiles": ("profiles", "特征档案"),
    "sandbox": ("sandbox network", "沙箱网络"),
}

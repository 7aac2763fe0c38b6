"""Checks of what ends by itself: keys and certificates of the networks, the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.cli.doctor_findings import Finding, Health, bad, good, warning
from anfu.entrypoints.cli.wiring import NetworkFiles
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date

_SOON = timedelta(days=30)
_CALENDAR_SOON = timedelta(days=60)


def check_networks(files: NetworkFiles | None, *, now: datetime) -> Finding:
    """The file of ANFU_CHANNELS, the key files it names, and how long certificates are good."""
    if files is None:
        return good(
            "networks", "not used: ANFU_CHANNELS is not set", "未使用（未设 ANFU_CHANNELS）"
        )
    found = [*_broken(files), *_ending(files, now=now), *_open(files)]
    if not found:
        names = ", ".join(files.channels)
        return good("networks", f"keys of {names} are sound", f"{names} 的密钥均正常")
    health = Health.BAD if any(f.health is Health.BAD for f in found) else Health.WARNING
    english, chinese = (
        tuple(separator.join(text[place] for text in texts) for texts in (
            [f.finding for f in found], [f.remedy for f in found]
        ))
        for place, separator in enumerate(("; ", "；"))
    )  # fmt: skip
    return Finding("networks", health, (english[0], chinese[0]), (english[1], chinese[1]))


def check_calendar(last: date, *, now: datetime) -> Finding:
    """`last` is the last day of which it is known whether people work."""
    found = (f"working days are known until {last}", f"工作日历录至 {last}")
    left = last - civil_date(now)
    if left > _CALENDAR_SOON:
        return good("calendar", *found)
    remedy = (
        "install the release with the State Council's notice for the next year; what is to be"
        " settled then is refused until it is there",
        "请安装含国务院下一年度放假安排的版本，此前届期的结算将被拒绝",
    )
    return (bad if left < timedelta() else warning)("calendar", found, remedy)


def _broken(files: NetworkFiles) -> Iterator[Finding]:
    for refusal in files.problems:
        problem, name = PROBLEMS[refusal.code], refusal.field
        details = _details(refusal)
        yield bad(
            "networks",
            (f"{name}: {problem.title}{details}", f"{name}：{problem.title_zh}{details}"),
            (f"correct {name}, see docs/channels", f"请更正 {name}，见 docs/channels"),
        )


def _details(refusal: Refused) -> str:
    return "".join(f" {name}: {value}" for name, value in refusal.details.items())


def _ending(files: NetworkFiles, *, now: datetime) -> Iterator[Finding]:
    for path, until in files.valid_until.items():
        if until - now > _SOON:
            continue
        day = civil_date(until)
        yield (bad if until <= now else warning)(
            "networks",
            (f"certificate ends {day}: {path}", f"证书 {day} 到期：{path}"),
            ("lay the renewed one beside or in place of it", "请放入更新后的证书"),
        )


def _open(files: NetworkFiles) -> Iterator[Finding]:
    if files.open:
        yield warning(
            "networks",
            (f"can be read by others: {files.file}", f"对他人可读：{files.file}"),
            (f"chmod 600 {files.file}", f"chmod 600 {files.file}"),
        )

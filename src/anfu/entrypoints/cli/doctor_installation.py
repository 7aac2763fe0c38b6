"""Checks of what an installation stands on: settings, keys, disk, server, database."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import httpx

from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.cli.doctor_findings import Finding, bad, good, warning
from anfu.entrypoints.cli.wiring import KeyFile, Pieces
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.storage.embedded import Place
from anfu.storage.survey import Survey

# Nothing in these may ever be changed by the application.
APPEND_ONLY = ("evidence.leaf", "evidence.checkpoint", "ledger.entry", "risk.decision",
               "risk.rule_set", "risk.catalogue", "payments.deposit", "storage.event",
               "parties.consent", "parties.reveal")  # fmt: skip
_OLDEST = 160_000
_FREE_BAD, _FREE_WARNING = 1 << 30, 5 << 30
_CLOCK_WARNING_S, _CLOCK_BAD_S = 2.0, 60.0
_DURABLE = {"fsync": "on", "full_page_writes": "on"}
_SANDBOX_S = 3.0


def check_settings(refusal: Refused | None) -> Finding:
    if refusal is None:
        return good("settings", "can all be read", "均可读取")
    problem = PROBLEMS[refusal.code]
    details = ", ".join(f"{n}: {v}" for n, v in refusal.details.items())
    name = refusal.field
    return bad(
        "settings",
        (f"{name}: {problem.title} {details}", f"{name}：{problem.title_zh}{details}"),
        (f"correct {name}, see docs/reference/settings.md", f"请更正 {name}，见 settings.md"),
    )


def check_keys(files: Sequence[KeyFile], *, fresh: bool) -> Finding:
    """`fresh`: nothing was ever kept, so that keys may still be made."""
    wrong = [file for file in files if file.problem is not None]
    if not wrong:
        folder = files[0].path.parent
        return good("keys", f"{len(files)} in {folder}", f"{folder} 中共 {len(files)} 个")
    if fresh and all(file.problem == "key_file_missing" for file in wrong):
        return warning(
            "keys",
            ("are not made yet", "尚未生成"),
            ("the first `anfu serve` makes them; back them up then", "首次运行 anfu serve 时生成"),
        )
    paths: dict[str, list[str]] = {}
    for file in wrong:
        paths.setdefault(file.problem or "", []).append(str(file.path))
    found, remedy = (
        tuple(
            separator.join(
                words[problem][chinese].format(" ".join(there)) for problem, there in paths.items()
            )
            for chinese, separator in enumerate(("; ", "；"))
        )
        for words in (_KEY_PROBLEMS, _KEY_REMEDIES)
    )
    return bad("keys", (found[0], found[1]), (remedy[0], remedy[1]))


_KEY_PROBLEMS = {
    "key_file_missing": ("missing: {}", "缺失：{}"),
    "key_file_open": ("can be read by others: {}", "对他人可读：{}"),
    "key_file_invalid": ("no key in: {}", "内容不是密钥：{}"),
    "key_file_unreadable": ("cannot be read: {}", "无法读取：{}"),
}
_RESTORE = ("restore from your backup: {}", "请从备份恢复：{}")
_KEY_REMEDIES = {
    "key_file_missing": _RESTORE,
    "key_file_open": ("chmod 600 {}", "chmod 600 {}"),
    "key_file_invalid": _RESTORE,
    "key_file_unreadable": ("chown them to who runs anfu: {}", "请将属主改为运行 anfu 的用户：{}"),
}


def check_mode(pieces: Pieces) -> Finding:
    flags = {
        "ANFU_DEVELOPMENT": pieces.development,
        "ANFU_ACCEPT_HISTORY": pieces.accept_history,
    }
    loose = [name for name, on in flags.items() if on]
    if not loose:
        return good("mode", "production", "生产")
    names = ", ".join(loose)
    return warning(
        "mode",
        (f"{names}: only for a test installation", f"{names}：仅限测试环境"),
        (f"unset {names} where real money moves", f"正式环境请取消 {names}"),
    )


def check_disk(folder: Path) -> Finding:
    """Of the folder, or of the nearest one above that exists."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = (f"{free >> 20:,} MiB free at {there}", f"{there} 剩余 {free >> 20:,} MiB")
    if free >= _FREE_WARNING:
        return good("disk", *found)
    remedy = ("make room, or move ANFU_HOME", "请清理空间，或迁移 ANFU_HOME")
    return (bad if free < _FREE_BAD else warning)("disk", found, remedy)


def check_server(
    pieces: Pieces, place: Place | None, failure: OutsideFailure | None, *, was_up: bool
) -> Finding:
    """`failure` is why it could not be brought up for these checks, `was_up` whether it ran before
    them."""
    if pieces.database_url is not None:
        return good(
            "server", "not used: ANFU_DATABASE_URL is set", "未使用（已设 ANFU_DATABASE_URL）"
        )
    if failure is not None:
        log = pieces.postgres if place is None else place.log
        return bad(
            "server",
            (f"does not start: {failure.reason}", f"无法启动：{failure.reason}"),
            (f"read {log}", f"请查看 {log}"),
        )
    if place is None:
        return warning(
            "server",
            ("is not made yet", "尚未初始化"),
            ("the first `anfu serve` makes it", "首次运行 anfu serve 时初始化"),
        )
    if not was_up:
        return good("server", "is sound; started for these checks", "正常，为检查而临时启动")
    return good("server", f"runs in {place.home}", f"运行于 {place.home}")


def check_database(failure: OutsideFailure | None) -> Finding:
    if failure is None:
        return good("database", "answers", "可连接")
    return bad(
        "database",
        (f"cannot be reached: {failure.reason}", f"无法连接：{failure.reason}"),
        (
            "check that it runs and that ANFU_DATABASE_URL names its host, user and database",
            "请确认数据库已运行，且 ANFU_DATABASE_URL 的主机、用户、库名正确",
        ),
    )


def check_version(survey: Survey) -> Finding:
    found = (f"PostgreSQL {survey.version}", f"PostgreSQL {survey.version}")
    if survey.standby:
        remedy = ("name the primary server", "请连接主库")
        return bad("version", (f"{found[0]}, a standby", f"{found[1]}，备库"), remedy)
    if survey.number < _OLDEST:
        remedy = ("upgrade to PostgreSQL 16 or later", "请升级到 PostgreSQL 16 或更高版本")
        return bad("version", found, remedy)
    return good("version", *found)


def check_migrations(survey: Survey) -> Finding:
    if survey.changed:
        names = ", ".join(survey.changed)
        return bad(
            "migrations",
            (f"changed after they were applied: {names}", f"应用后被改动：{names}"),
            ("install the release that made this database", "请安装创建此库的版本"),
        )
    if survey.pending:
        names = ", ".join(survey.pending)
        return warning(
            "migrations",
            (f"not applied yet: {names}", f"尚未应用：{names}"),
            ("the next `anfu serve` applies them", "下次运行 anfu serve 时应用"),
        )
    return good("migrations", "all applied", "全部已应用")


def check_rights(survey: Survey) -> Finding:
    if not survey.role:
        return bad(
            "rights",
            ("the role anfu_app is missing, or not granted to us", "缺少角色 anfu_app 或未授予"),
            ("GRANT anfu_app TO the user of ANFU_DATABASE_URL", "请将 anfu_app 授予连接用户"),
        )
    if survey.open or survey.unguarded:
        names = ", ".join(sorted({*survey.open, *survey.unguarded}))
        return bad(
            "rights",
            (f"what must never change can be changed: {names}", f"不可变的表可被修改：{names}"),
            (
                "revoke UPDATE, DELETE, TRUNCATE from anfu_app and enable their triggers; then"
                " `anfu evidence verify`",
                "请撤销 anfu_app 的 UPDATE、DELETE、TRUNCATE 并启用触发器，"
                "再执行 anfu evidence verify",
            ),
        )
    return good("rights", "evidence and entries cannot be changed", "存证与分录不可修改")


def check_durability(survey: Survey) -> Finding:
    wrong = {n: survey.settings.get(n, "?") for n, v in _DURABLE.items()
             if survey.settings.get(n) != v}  # fmt: skip
    if survey.settings.get("synchronous_commit") == "off":
        wrong["synchronous_commit"] = "off"
    if not wrong:
        return good("durability", "what is committed is on disk", "提交即落盘")
    named = ", ".join(f"{name} = {value}" for name, value in wrong.items())
    return bad(
        "durability",
        (f"a crash may lose payments: {named}", f"崩溃时可能丢失支付：{named}"),
        (f"set {', '.join(wrong)} to on", f"请将 {', '.join(wrong)} 设为 on"),
    )


def check_checksums(survey: Survey) -> Finding:
    if survey.settings.get("data_checksums") == "on":
        return good("checksums", "on", "已启用")
    return warning(
        "checksums",
        ("off: a disk that lies is not noticed", "未启用：无法发现磁盘静默损坏"),
        ("stop the server and run pg_checksums --enable", "停库后执行 pg_checksums --enable"),
    )


def check_clock(survey: Survey, *, now: datetime) -> Finding:
    apart = abs((survey.now - now).total_seconds())
    found = (f"{apart:.1f} s from the database's", f"与数据库相差 {apart:.1f} 秒")
    if apart <= _CLOCK_WARNING_S:
        return good("clock", *found)
    remedy = ("let both machines follow a time server", "请让两台机器同步时间服务器")
    return (bad if apart > _CLOCK_BAD_S else warning)("clock", found, remedy)


async def check_sandbox(url: str | None) -> Finding:
    """Whether anything there speaks HTTP."""
    if url is None:
        return good("sandbox", "not used", "未使用")
    try:
        async with httpx.AsyncClient(timeout=_SANDBOX_S, trust_env=False) as http:
            await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        return bad(
            "sandbox",
            (f"{url} does not answer: {reason}", f"{url} 无应答：{reason}"),
            (
                "start `anfu sandbox`, or unset ANFU_SANDBOX_URL",
                "请启动 anfu sandbox，或取消 ANFU_SANDBOX_URL",
            ),
        )
    return good("sandbox", f"{url} answers", f"{url} 有应答")

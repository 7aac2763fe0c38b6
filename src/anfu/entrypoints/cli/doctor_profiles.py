"""Check of the Valkey that profiles are shared in."""

from __future__ import annotations

from anfu.entrypoints.cli.doctor_findings import Finding, bad, good
from anfu.kernel.errors import OutsideFailure
from anfu.storage.valkey import Address, Line

_PATIENCE_S = 3.0


async def check_profiles(address: Address | None) -> Finding:
    """Whether it answers."""
    if address is None:
        return good("profiles", "kept in process", "保存在进程内")
    line = Line(address)
    try:
        await line.run([("GET", "anfu")], limit_s=_PATIENCE_S)
    except OutsideFailure as failure:
        return bad(
            "profiles",
            (f"{address} does not answer: {failure.reason}", f"{address} 无应答：{failure.reason}"),
            (
                "check that Valkey runs and that ANFU_PROFILES_URL names its host, user and"
                " password; until then payments are decided without profiles",
                "请确认 Valkey 已运行，且 ANFU_PROFILES_URL 的主机、用户、口令正确；"
                "在此之前，支付决策不含特征档案",
            ),
        )
    finally:
        await line.aclose()
    return good("profiles", f"Valkey at {address} answers", f"Valkey {address} 有应答")

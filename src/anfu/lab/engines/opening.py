"""Which engine: DuckDB unless an address names a Spark master."""

from __future__ import annotations

from anfu.kernel.errors import Refused
from anfu.lab.engines.port import Offline
from anfu.lab.engines.single import SingleMachine


def open_engine(master: str | None) -> Offline:
    """Raises Refused("offline_engine_missing") when Spark is named and pyspark is not installed,
    and OutsideFailure as the engine does."""
    if master is None:
        return SingleMachine()
    try:
        from anfu.lab.engines.cluster import Cluster  # noqa: PLC0415 - an extra, Java and all
    except ImportError:
        raise Refused("offline_engine_missing", field="ANFU_OFFLINE_URL") from None
    return Cluster(master, {})

"""What the API counts, for Prometheus."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram, generate_latest

_REQUESTS = Counter("anfu_requests", "Requests answered", ["operation", "status"])
_SECONDS = Histogram(
    "anfu_request_seconds",
    "Time to answer",
    ["operation"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNLOGGED = Counter("anfu_requests_unlogged", "Requests the request log had no room for")
WAITING = Gauge("anfu_orders_waiting", "Orders waiting for a lane")
OVERDUE = Gauge("anfu_open_overdue_seconds", "By how much the oldest open payment is past its time")
CASES_OPEN = Gauge("anfu_cases_open", "Cases that are not closed", ["grade"])
CASES_LATE = Gauge("anfu_cases_late", "Cases without the first response they should have had")
CASES_OLDEST = Gauge("anfu_cases_oldest_seconds", "Age of the oldest case that is not closed")


@cache
def _request(operation: str, status: int) -> Counter:
    return _REQUESTS.labels(operation, str(status))


@cache
def _seconds(operation: str) -> Histogram:
    return _SECONDS.labels(operation)


def measure(operation: str, status: int, seconds: float) -> None:
    """Count one answer."""
    _request(operation, status).inc()
    _seconds(operation).observe(seconds)


def exposition() -> bytes:
    """All figures in the text format."""
    return generate_latest()

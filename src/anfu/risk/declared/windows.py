"""Lengths of windows, in seconds."""

from __future__ import annotations

MINUTES_10 = 600
HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY
MONTH = 30 * DAY
QUARTER = 90 * DAY

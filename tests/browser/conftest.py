"""Tests in a real browser: `make browser` installs what `make test` does without."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("playwright") else ["*"]

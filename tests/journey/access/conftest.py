"""The registries around the house, for whoever is verified while it is noted who read of it."""

from __future__ import annotations

from tests.journey.test_onboarding import town

__all__ = ["town"]

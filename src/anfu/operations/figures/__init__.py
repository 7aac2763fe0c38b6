"""Payments counted by minute and by hour, so that nobody counts millions to show a page."""

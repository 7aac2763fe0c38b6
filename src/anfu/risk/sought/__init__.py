"""Decisions as staff look for them."""

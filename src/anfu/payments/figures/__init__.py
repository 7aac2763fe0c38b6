"""Payments and refunds as numbers: counted by minute, by reason, and how long refunds took."""

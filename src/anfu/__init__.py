"""Anfu (安付): self-hosted payment security, from the tap to the books.

The rooms and the direction of imports are drawn in `docs/house.md`.
"""

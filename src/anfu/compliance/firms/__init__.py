"""Firms: the journeys by which a firm becomes a customer, and stays a known one.

Here: `apply` (the application and how it stands), `own` (who owns it: declared, then confirmed by
a second person), `verify` (one question to an outside channel), `settle` (what follows for the
account), `screen` (the registry of firms is asked again every quarter).
"""

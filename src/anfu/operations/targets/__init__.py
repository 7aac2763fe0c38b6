"""The institution's targets (目标): definitions, and what they have come to."""

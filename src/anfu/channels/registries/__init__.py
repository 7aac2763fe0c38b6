"""Registries: outside firms that say whether a person (43号 art. 11) or a firm (261号 一(五)) is
who it says it is.

Here: `port` (what any of them answers), `client` (over HTTP, signed both ways), `simulator` (one
that signs, contradicts, fails and is slow, from its own records).
Not here: what an answer is worth; personal data in a log.
"""

"""Alipay (支付宝), OpenAPI v2 with RSA2 signatures.

Here: `member` (who we are there, and the keys), `signing` and `certificates` (pure), `answers`
(what may be believed), `gateway` (one call), `client` (the network as a `Channel`), `scenes` (what
each scene becomes), `reasons` (its error codes in our words), `notices`, `bills` and `sheets` (its
files), `simulator` (the same wire from the other end).
Not here: which payments go to Alipay, and when something is sent again.
Who may knock: app wires it.
"""

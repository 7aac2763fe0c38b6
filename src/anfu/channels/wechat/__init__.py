"""WeChat Pay (微信支付), API v3, and version 2 where a payer shows a code.

Here: `member` (who we are there), `signing` and `sealing` (pure), `wire` and `line` (the HTTP),
`client` (the network as a `Channel`), `scenes`, `answers` and `reasons` (its words and ours),
`codepay` and `micropay` (a payer's code, two ways), `certificates`, `notices`, `bills`, and
`simulator` (the network itself, for tests and trials).
Not here: what is booked, retried or reconciled.
Who may knock: app wires it; payments sees the ports alone.
"""

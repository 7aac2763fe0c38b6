"""Firms: customers that are no natural person (单位客户), and the persons behind them.

Here: `firm` (what is known of one, and when its account is open), `ownership` (who owns it in the
end), their `queries` and `operations`.
Not here: the line to a registry, and the account's money.
"""

"""Emergency: break-glass, a secret in a sealed envelope that opens one account once, for an hour.

Here: envelopes, who opened them and why. Not here: the alarm, and what the account may do (`role`).
"""

"""Stop orders: the police stop payments from a customer's account for 48 hours (86号).

Here: the order (`stop`), its bounds, its table; `limits.operations.reserve` holds it against uses.
Not here: freezing by a court, suspension of a customer.
Who may knock: `limits` and the doors above it.
"""

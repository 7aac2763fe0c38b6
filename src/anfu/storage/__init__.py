"""Storage: PostgreSQL, and nothing of the business.

Here: the pool and its transactions, numbered migrations, idempotency, the outbox, and the
embedded server used when no database is named.
Not here: rules, states, money. A room's tables are private to its `queries` and `operations`;
each room has a schema of its own name.
Who may knock: every room above.
"""

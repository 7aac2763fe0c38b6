"""Client: what a caller of the API puts into its own program, to ask before it pays.

Here: `Client` and `AsyncClient` (in `sync` and `asynchronous`): signed requests, sent again under
the same idempotency key, within a time; the answers as types (`answers`), problem documents as
exceptions (`problems`), `guard` for a payment function, `verify_webhook` for what comes back.
Not here: anything of the server; this room imports no other, so that it can be taken out alone.
Who may knock: nobody in this house but tests and examples; programs of its callers.
"""

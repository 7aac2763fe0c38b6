"""The HTTP API: declared operations, one door for all of them, OpenAPI generated from both.

Here: `operation` (what is declared), `door` (how a request becomes a call), `caller` (who asks),
`errors` (what a refusal means in HTTP), `gate` (natural batching), `openapi`, and a file for each
kind of object.
Not here: SQL, states, money arithmetic.
Who may knock: `app`.
"""

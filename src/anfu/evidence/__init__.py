"""Evidence (存证): an append-only Merkle log of what we knew, decided and what happened.

Here: leaves with a gap-free index (`log`, `operations.append`), the tree in tiles (`merkle`,
`tiles`), signed checkpoints (`signer`, `checkpoint`, `operations.seal`), proofs and the bundle
anyone can check offline (`proof`, `bundle`), and the audit of the whole log (`audit`).
Not here: decisions; it only proves them. A leaf is evidence once it is sealed; until then, a few
seconds, it is only a row. Nor does a log alone show that its owner has not shown others a
different one: that takes checkpoints kept outside.
Who may knock: every room above; the app brings the signing key.
"""

"""Settlement terms (结算条款): what is agreed with a merchant about being paid.

Here: `cycle` (when a period closes and is payable), `fee` (tiers, bounds, what a refund gives
back), `terms` (one version, by which it is checked), `document`, `queries`, `operations`, and the
journeys `propose` and `approve` of two people.
Not here: settling by them.
"""

"""Applications of firms to be merchants (特约商户入网申请), and what is known of each.

Here: `application` (its states and what must hold of it), `scene`, `trade` (the table of trades),
`rating` (how soon it is looked at again), `inquiry` (one question to a registry), `queries`,
`operations`.
Not here: the line to a registry, the merchant's money, payments.
"""

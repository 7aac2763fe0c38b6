"""The features Anfu ships, by what they are for.

Here: `velocity` (how often, how much, with how many others), `habits` (what the payer is used to),
`takeover` (log-ins, passwords, devices), `mules` (money in, money out), `merchants` (shops,
cash-out, terminals), `promotions` (bonuses and refunds), `labels` (known fraud, behind its delay).
Not here: how they are kept and read (`groups`, `reading`); the catalogue they make (`catalogue`).
Who may knock: `catalogue`. A new feature goes where its neighbours are; its name starts with the
entity whose key it is read by.
"""

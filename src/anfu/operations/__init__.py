"""Operations (运营): how the institution is doing, for those who steer it.

Here: `figures` (payments counted by minute and hour, kept up by the worker), `targets` (the
institution's targets, each with its definition, and whether they are met).
Not here: changing a payment; what a person must look at (risk, payments.tasks).
Who may knock: entrypoints, app and simulation.
"""

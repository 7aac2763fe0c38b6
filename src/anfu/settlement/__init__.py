"""Settlement: what merchants are owed for a period, and how it reaches their banks.

Here: `calendar` (working days), `terms` (what is agreed with a merchant), `cycles` (settling a
period), `payouts` (files to the bank, and what became of each), `statements` (what a merchant is
shown), `reserve` (the three-way check of 备付金), `tasks` (what a person must look at).
Not here: payments and refunds; the wire to the bank (`channels.banks`).
Who may knock: entrypoints, app.
"""

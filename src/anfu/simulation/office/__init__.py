"""The office: the staff of a made-up institution, and what lies on their desks.

Here: `member` (one of the staff, at a browser), `staff` (who there is, hired as the API hires),
`days` (the test clock moved on, and what is sold meanwhile), and what each desk is left with:
`agreements`, `shop`, `customers`, `payers`, `held`, `proposals`, `bill`, `money`.
Not here: what payers do of themselves; that is the economy's.
Who may knock: the command `demo --keep`, and tests.
"""

"""The three-way check of the reserve fund (客户备付金三方核对), every day (令〔2021〕1号 art. 41).

Here: `reserve` (the parts of the ledger and of the bank's statement, and the differences by name),
`queries`, `operations`, and the journey `check`.
Not here: mending a difference: a person does.
"""

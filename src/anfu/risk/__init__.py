"""Risk: what we know when a payment comes, and what we think of it.

Here: the environment seen, features declared once (`features`, `declared`, `catalogue`) and what is
kept of every key for them (`groups`, `tracks`, `reading`, `profiles`), the rule language
(`condition`, `rules`), the verdict (`decision`, `engine`), its record, its replay, and labels.
Not here: what happens to the payment, the ledger, the network; SQL inside a feature or a rule.
Who may knock: payments and every room above; labels also from operations and cases.
"""

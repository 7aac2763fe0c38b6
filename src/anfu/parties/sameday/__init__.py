"""Same-day settlement (T+0): which merchant may have it, and who switched it on.

Here: `eligibility` (the rule of 261号 二(十二)), `change` (a switch that two people turn), their
`queries` and `operations`.
Not here: payments and labels, which `compliance` reads for the rule; settling itself.
"""

"""What a person may ask of us, and what was done with personal data in clear.

Here: `consent` (the ledger of consent), `reveal` (who saw what, and why), `erasure` (what is kept
when somebody asks to be forgotten, how long and by which law).
"""

"""Story: everything that happened to one payment, in the order it happened.

Here: its steps (`step`), their titles in two languages (`texts`), and how they are gathered from
every room that knew of it (`gather`, `recall`). Not here: who may read which part, which the API
says; anything that tells who somebody is: people and devices are ids, read where they are kept.
"""

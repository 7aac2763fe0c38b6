"""Codes: what payers and merchants show each other.

Here: `network` (whose code, whose app), `payer_code` and `cpm` (a payer's code by its form,
shown to nobody), `emv` (EMVCo's merchant-presented code: data objects and checksum),
`merchant_code` (that code for one shop, with an amount or without), `aggregate` (one signed link
for every network), `drawing` (a code as a picture).
Not here: who may pay, and what a network makes of a code. Pure.
"""

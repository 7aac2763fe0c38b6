"""Banks: where merchants' money is paid out, by ISO 20022 messages on a signed line.

Here: `port` (what a bank is asked and answers), `pain001` (the payment file, written), `pain002`
(what became of each payment, read), `camt053` (the statement of a day, read), `elements` (XML read
with DTDs and entities refused), `client`, and `simulator`: a bank that pays, refuses, waits and
sends back.
Not here: states of payouts; the ledger.
"""

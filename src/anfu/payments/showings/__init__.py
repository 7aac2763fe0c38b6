"""Showings (出示付款码): a customer's device shows codes of ours, and a merchant is paid by one.

Here: the showing and its codes (`showing`), how one begins and the next code comes (`show`), how a
code is spent with the payment it pays (`spend`). Not here: codes of networks, which `channels`
reads; the payment itself, which goes the way of all payments.
"""

"""Signals: what is odd about the device a payment comes from, each a code with its reason in words.

Here: the codes, what a page observed of its device, what is concluded from it, and places of
addresses. Not here: whose device it is (parties), and what a signal leads to (rules).
"""

"""Handbook: a public stream of card payments, by its published protocol.

Here: the stream, the features it is decided with, the protocol (folds, who is asked about, what is
measured), candidates and how they are trained, what was published.
Not here: the passage through the profile store and the engine, which the command line walks.
"""

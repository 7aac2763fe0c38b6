"""Attachments of cases: files that show what happened.

Here: which files are taken, and where they are kept, sealed.
Not here: sealing and unsealing, which are done by whoever holds the key ring.
Who may knock: payments attaches, the doors read.
"""

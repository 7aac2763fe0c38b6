"""Faces: a firm outside that says whether a living person's face is the one it knows.

Here: `port` (what it is asked and answers), `client` (over HTTP, signed both ways), `simulator`
(one that signs, is deceived, fails and is slow).
Not here: pictures. The customer's device gives them to the firm, which gives it a reference.
"""

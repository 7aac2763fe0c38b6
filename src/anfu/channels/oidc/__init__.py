"""OpenID Connect: the line to the institution's identity provider, for staff's single sign-on.

Here: discovery, keys, and the exchange of a code for a token; a simulator with real signatures.
Not here: whether a token is good (authentication), whose account it is (parties).
"""

"""Access: the institution's own people, and what each of them may do.

Here: roles as sets of scopes, accounts, sessions and their tokens, how often one may try to sign
in.
Not here: passwords, codes and passkeys (authentication keeps them under the id of the account).
"""

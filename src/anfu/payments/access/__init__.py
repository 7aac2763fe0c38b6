"""Access: the journeys that need both who somebody of the staff is and what he can prove.

Here: inviting, setting up, signing in, changing what one may do.
Not here: accounts and sessions themselves (parties), passwords and passkeys (authentication).
"""

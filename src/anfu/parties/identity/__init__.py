"""Identity: who an applicant is, as outside channels confirm it, and the class that follows.

Here: `onboarding` (the application and the rule of classes), `verification` (one question to one
channel), `bankcard` (card numbers), their `queries` and `operations`.
Not here: the line to a channel, and the account's money.
"""

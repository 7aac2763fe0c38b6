"""Notices to staff: short messages over DingTalk, WeCom, Feishu, mail and what else apprise speaks.

Here: the lines of an operator's settings (`target`), what is said (`text`), and the sender.
Not here: when something is said or said again (the outbox), and personal data: none is sent.
Who may knock: payments name lines by their ids, the worker sends.
"""

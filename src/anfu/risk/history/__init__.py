"""History: decisions and labels page by page, for offline work.

Here: walks through everything that was decided and said, in the order it was written.
Not here: files; the lab writes them.
Who may knock: the lab.
"""

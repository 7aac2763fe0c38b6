"""Tasks of settlement (待办): what a person of finance must look at.

Here: `task`, `queries`, `operations`: one is opened by a journey, once for its subject while it is
open, and closed by a person who says what was done.
Not here: doing it.
"""

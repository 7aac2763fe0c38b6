"""Bills: what a network says it has done on a day, as a file.

Here: the lines every network's bill is read into, and the port bills are fetched through.
Not here: the files' formats, which are the networks'; what a difference means.
"""

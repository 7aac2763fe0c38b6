"""History: what was decided, said and came of it, as Parquet files.

Here: the files and their columns, the export from the database, foreign files under a map.
Not here: what is asked of them.
Who may knock: the lab and the doors.
"""

"""Lab: offline work on history, on DuckDB or, past one machine, on Apache Spark.

Here: history as Parquet files, features as SQL over a table of events, back-tests of rules and
what is stored of them, the engines SQL is run on.
Not here: anything on the way of a payment; a decision never waits for this room.
Who may knock: the doors.
"""

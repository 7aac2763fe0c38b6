"""Engines: what the lab's SQL is run on.

Here: the port, DuckDB on one machine, Apache Spark past it. All SQL of the lab is DuckDB's; Spark
is given the same tree in its own words.
Not here: what is asked.
Who may knock: the lab, and the doors that open an engine.
"""

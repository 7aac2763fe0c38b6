"""China's calendar of working days.

Here: `working_days`, and `days.csv`: the holidays and adjusted workdays (调休) the State Council
has announced, each year with the number of its notice.
Not here: a guess: a year that has not been announced is refused.
"""

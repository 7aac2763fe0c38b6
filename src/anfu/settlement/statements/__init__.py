"""Statements (结算单): what a merchant is shown of a day or a month.

Here: `statement` (settlements and lines of a period, and its sums), `sheet` (CSV), `page` (HTML to
be printed, in both languages), and the journey `draw_up`.
Not here: settling.
"""

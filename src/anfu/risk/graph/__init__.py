"""The graph: what ties parties together, kept in memory and asked in microseconds.

Here: the ties and the money between accounts (`links`), what a decision asks of them (`reach`),
the graph of the engine (`graph`), and a neighbourhood to be drawn (`drawing`).
Not here: fan-in, fan-out and pass-through, which are features; offline work, which is in `lab`.
Who may knock: the engine; the doors, for drawing.
"""

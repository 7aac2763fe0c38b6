"""Training: candidates fitted on what was known, weighed on what came later.

Here: the training set and its division in time, candidates and their ONNX, calibration, cutoffs by
cost, fairness and stability, the figures of a model's card, and the card itself.
Not here: where history comes from, and serving, which is `risk.models`.
Who may knock: `anfu train`; drift measures against the reference made here.
"""

"""Keys: how API keys are made, replaced, ended and found.

Here: their table. Not here: what a key proves and how (`apikey`, `signature`).
"""

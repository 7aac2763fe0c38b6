"""Lists: values that are trusted or barred, each with source, reason and expiry (名单).

Here: what a list is (`declaration`), what may stand on it (`values`), whether an event is on it
(`matching`), the rules its hits act by (`acting`), changes and who must agree to them (`change`),
CSV (`importing`), and the journeys that change lists and follow the changes of others.
Not here: how a feed from outside is fetched; that is in `channels/feeds`.
Who may knock: the engine, the doors, the worker.
"""

"""Plain Python under everything else: clock, errors, text, calendar, conditions, crypto, Merkle tree, logs.

Nothing here knows a database, a provider or a page; every function is pure or takes what it needs.
"""

"""Plain Python under everything else: clock, errors, text, phones, calendar, forms, conditions, crypto, Merkle tree, logs.

Nothing here knows a database, a provider or a page; every function is pure or takes what it needs.
"""

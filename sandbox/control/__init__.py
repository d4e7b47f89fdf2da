"""The JSON API under `/sandbox/api`: set up, play the people, script bad days, read the ledger."""

"""The real program is killed; a provider that keeps a ledger is the oracle. docs/faults.md tells which is which."""

"""Rows, named queries, transitions, the ledger and migrations: the only place that holds SQL.

| module | rows |
|---|---|
| `org` | units, organisations, persons, what they may do, accounts and their sessions |
| `address` | ways to reach somebody, consent, one-time codes |
| `lane` | sending identities with their rate and owner |
| `inbound` | what came in, questions that wait for an answer |
| `outgoing` | messages, attempts, receipts |
| `sending` | running processes, days of lanes, incidents, acts by hand |
| `campaign` | campaigns, their texts, schedules, runs, acknowledgements |
| `record` | records of every kind, their statements, matches and numbers |
| `returns` | months whose returns were asked for, and the record of each return |
| `reading` | who is to read what is made known, sealed values in flight |
| `retention` | legal holds on records |
| `ledger` | the append-only book and its head |
| `issue` | reports that are issued, and who has read them |
| `pattern` | how far the risk rules have looked, what they count, which alerts they raised |
"""

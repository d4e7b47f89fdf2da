"""Units, persons, their addresses, binding, accounts and roles: who may do what.

| module | what |
|---|---|
| `access` | `Actor` with roles and reach, `may(actor, act)` by data/roles.yaml, deny by default |
| `roles` | the roles file, read and checked |
| `units` | the tree of units |
| `persons` | finding persons, their names |
| `accounts`, `passwords`, `sessions` | the right to use the console |
| `csv_table`, `unit_rows`, `staff_rows`, `importing`, `import_store` | units and staff from CSV |
| `binding`, `signing` | one-time codes that prove an address, the signing code of SMS filings |
"""

from pathlib import Path

TEXTS = Path(__file__).parent / "data" / "texts.csv"
"""What people says besides the catalogue of core: give it to `core.texts.Texts.load`."""

"""Registers of what people report: kinds declared in files, filing, amending, acts, reading.

| module | what |
|---|---|
| `kind`, `condition` | what a kind is, as frozen data; conditions on fields and named predicates |
| `loading`, `checking`, `machine_check` | `Kinds.load`: the files read and checked, refused with line and reason |
| `forms`, `answers`, `unit_names`, `menus` | the next question, what an answer says, units by name, numbered menus |
| `sources`, `filing`, `amending`, `numbering` | a record comes to be; later answers are appended to it |
| `acts`, `owner_acts`, `system_acts`, `moving`, `limits` | moves by staff, by the owner, by the clock |
| `telling`, `answer_parts`, `staff_names` | messages to owner and staff; long answers in parts; no names in an answer |
| `reach`, `reading`, `status`, `recusal` | who reads what; progress by number and code |
| `sealing`, `groups` | statements sealed to the group of a kind |
"""

from pathlib import Path

TEXTS = Path(__file__).parent / "data" / "texts.csv"
"""What records says besides the catalogue of core: give it to `core.texts.Texts.load`."""

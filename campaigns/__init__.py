"""Campaigns: what to say to whom and when, approved by a second person, filled into the outbox, counted.

| module | what |
|---|---|
| `templates` | ready reminder texts from data/reminders.csv |
| `scheduling` | the due moment from a rule, with the reason for the date |
| `audience` | who gets it, who is skipped and why, what it costs: the preview |
| `drafting` | create and change a draft |
| `trying` | the test message to the author himself |
| `approving` | submit, approve, send back, cancel, pause, resume, finish |
| `running` | due moments become runs, runs are filled and finished |
| `chasing` | one second round to those who have not acknowledged |
| `results` | live counts, the result of each person |
| `answering` | an acknowledgement that came in |
"""

from pathlib import Path

TEXTS = Path(__file__).parent / "data" / "texts.csv"
"""What campaigns say besides the catalogue of core: give it to `core.texts.Texts.load`."""

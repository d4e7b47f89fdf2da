"""What is said back to whoever writes: the router, dialogs, commands in them, recognition of what was meant.

| module | what |
|---|---|
| `step` | claims what came in and answers it, each message in one transaction |
| `router` | the order in which a message is looked at, as a list in code |
| `visit` | one message on its way through the router: who, in which language, what is said back |
| `questions` | the stack of open questions of an address |
| `reading_talk` | a reader says that he has read what was issued |
| `dialog` | filling in the form of a kind, before and after filing |
| `recognition` | which intent a message has |
"""

from pathlib import Path
from typing import Final

TEXTS: Final = Path(__file__).parent / "data" / "texts.csv"
"""What the bot says besides the catalogue of core: give it to `core.texts.Texts.load`."""

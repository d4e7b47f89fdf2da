"""The tree of errors. Each class says what went wrong; its message says what to do next.

LianxinError
├── InvalidData        a data file is wrong: file, place, reason
├── InvalidSettings    the service cannot start as it is set up
├── KeyFileError       the service key is missing, wrong or readable by others
├── Refused            somebody asked for what cannot be done; carries a text key and its values
│   ├── NotAllowed     he has no right to it
│   └── Conflict       it was changed meanwhile, or it is not in the state for it
└── NotThere           there is no such thing for him
"""

from typing import Any


class LianxinError(Exception):
    """The root of every error that this program raises on purpose."""


class InvalidData(LianxinError):
    """A data file holds what it must not; the message names file, place and reason."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        super().__init__(f"{file}, {place}: {reason}")
        self.file, self.place, self.reason = file, place, reason


class InvalidSettings(LianxinError):
    """A setting is missing or impossible; the message names it and what to write instead."""


class KeyFileError(LianxinError):
    """The service key cannot be used; the message says how to mend it."""


class Refused(LianxinError):
    """What was asked cannot be done. `key` names the sentence of the catalogue that says so, `values` fill it."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class NotAllowed(Refused):
    """The asker has no right to this."""


class Conflict(Refused):
    """The thing was changed meanwhile or is not in a state in which this can be done."""


class NotThere(LianxinError):
    """There is no such thing, or none that the asker may know of; both look the same to him."""

"""What a form sends: values kept as typed, errors beside the field that they are about.

Only the fields that a page asks for are read; whatever else a browser sends is never looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from console.posting import Uploaded
from core.text import clean


class Form:
    """The values of a form and what is wrong with them. `form[name]` is the one value, "" when there is none."""

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        self.values: dict[str, list[str]] = {name: list(each) for name, each in (values or {}).items()}
        self.errors: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        found = self.values.get(name)
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        """Return every value of a field that may have several."""
        return self.values.get(name, [])

    def set(self, name: str, value: str) -> None:
        """Put one value in, as for a form that is shown for the first time."""
        self.values[name] = [clean(value)]

    def wrong(self, name: str, text: str) -> None:
        """Say what is wrong with a field; the first word about a field stands. The name "" is the form as a whole."""
        self.errors.setdefault(name, text)


def read_form(posted: Mapping[str, list[Any]], names: Sequence[str], most: int = 4000) -> Form:
    """Return the named fields of what was posted, cleaned of what must not be stored, each cut to `most` characters."""
    values = {
        name: [clean(each.replace("\r\n", "\n")).strip()[:most] for each in posted.get(name, []) if _is_text(each)]
        for name in names
    }
    return Form(values)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def read_file(posted: Mapping[str, list[Any]], name: str, most: int) -> bytes | None:
    """Return the bytes of an uploaded file; None when there is none or it is larger than `most` bytes."""
    given = next(iter(posted.get(name, [])), None)
    data = given.data if isinstance(given, Uploaded) else None
    return data if data is not None and 0 < len(data) <= most else None


def read_files(posted: Mapping[str, list[Any]], name: str) -> list[Uploaded]:
    """Return the files of a field that takes several."""
    return [each for each in posted.get(name, []) if isinstance(each, Uploaded)]

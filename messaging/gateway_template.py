"""The body that a gateway is sent: a JSON or form template whose placeholders are whole values.

A placeholder never stands inside a longer text, so that what a person wrote cannot become part of the form itself.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

BodyType = Literal["json", "form"]

PLACEHOLDERS: Final = frozenset({"to", "text", "token", "sender"})
NEEDED: Final = frozenset({"to", "text", "token"})
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_CONTENT_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json; charset=utf-8",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template: JSON as it was parsed, or the pairs of a form."""

    body_type: BodyType
    shape: Any = field(repr=False)

    @property
    def content_type(self) -> str:
        """What the request says of its body."""
        return _CONTENT_TYPES[self.body_type]

    def render(self, values: Mapping[str, str]) -> bytes:
        """Return the body with these values in place of the placeholders."""
        filled = _filled(self.shape, values)
        return (json.dumps(filled) if self.body_type == "json" else urlencode(filled, errors="replace")).encode()


def parse_template(body_type: BodyType, text: str) -> Template:
    """Return a template. Raises ValueError with what is wrong, never with the template's own words."""
    try:
        shape = (
            json.loads(text) if body_type == "json" else parse_qsl(text, keep_blank_values=True, strict_parsing=True)
        )
    except (ValueError, RecursionError):
        raise ValueError(f"the body template is no {'JSON' if body_type == 'json' else 'form (a=b&c=d)'}") from None
    used: set[str] = set()
    _collect(shape, used)
    if used - PLACEHOLDERS:
        raise ValueError("the body template knows only {to}, {text}, {token} and {sender}")
    if NEEDED - used:
        raise ValueError("the body template needs {to}, {text} and {token}")
    return Template(body_type, shape)


def _collect(shape: Any, used: set[str]) -> None:
    if isinstance(shape, str):
        alone = _PLACEHOLDER.fullmatch(shape)
        if alone is None and _PLACEHOLDER.search(shape):
            raise ValueError("a placeholder of the body template must be a value of its own")
        used.update(alone.groups() if alone else ())
    for each in _parts(shape):
        _collect(each, used)


def _parts(shape: Any) -> list[Any]:
    if isinstance(shape, dict):
        return list(shape.values())
    return list(shape) if isinstance(shape, list | tuple) else []


def _filled(shape: Any, values: Mapping[str, str]) -> Any:
    if isinstance(shape, dict):
        return {name: _filled(each, values) for name, each in shape.items()}
    if isinstance(shape, list | tuple):
        return tuple(_filled(each, values) for each in shape)
    alone = _PLACEHOLDER.fullmatch(shape) if isinstance(shape, str) else None
    return values[alone[1]] if alone else shape

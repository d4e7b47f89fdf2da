"""Two small fields that every row uses: a random public id and JSON kept as text.

JSON is stored as text on both databases, so that `->>` reads it alike (`models.sql.json_text`).
"""

import json
import secrets
from typing import Any

from tortoise import fields
from tortoise.models import Model

PUBLIC_ID_BYTES = 12


def new_public_id() -> str:
    """Return 16 URL-safe characters that tell nothing."""
    return secrets.token_urlsafe(PUBLIC_ID_BYTES)


class PublicIdField(fields.CharField[str]):
    """A random id for URLs."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("default", new_public_id)
        super().__init__(**kwargs)


class JsonTextField(fields.TextField):
    """JSON in a text column; None stays NULL."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:
        """Return the canonical text of the value."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def to_python_value(self, value: Any) -> Any:
        """Return the value that the text holds."""
        return json.loads(value) if isinstance(value, str) else value

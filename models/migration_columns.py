"""The columns that migrations write again and again, as `models/migrations` needs them: keys, moments, references."""

from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete

_FOREIGN: Any = fields.ForeignKeyField
_MOMENT: Any = fields.DatetimeField


def key() -> fields.BigIntField:
    """Return the generated key of a table."""
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def moment(*, null: bool = False) -> Any:
    """Return a moment that nothing sets by itself."""
    return _MOMENT(null=null, auto_now=False, auto_now_add=False)


def to(model: str, column: str, *, null: bool = False, on_delete: OnDelete = OnDelete.RESTRICT) -> Any:
    """Return a reference to the `id` of a model, kept in a column."""
    return _FOREIGN(model, source_field=column, null=null, db_constraint=True, to_field="id", on_delete=on_delete)

"""Readers of records that are made known, and sealed values that somebody outside the group must read."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

_FOREIGN: Any = fields.ForeignKeyField
_MOMENT: Any = fields.DatetimeField


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _moment(*, null: bool = False) -> Any:
    return _MOMENT(null=null, auto_now=False, auto_now_add=False)


def _to(model: str, column: str) -> Any:
    return _FOREIGN(model, source_field=column, db_constraint=True, to_field="id", on_delete=OnDelete.RESTRICT)


INDEXES = [
    "CREATE INDEX record_reader_untold ON record_reader (id) WHERE told_at IS NULL",
    "CREATE INDEX record_reader_of_person ON record_reader (person_id)",
]


class Migration(migrations.Migration):
    """Bulletins and their readers."""

    dependencies = [("models", "0009_evidence")]
    operations = [
        ops.CreateModel(
            name="RecordReader",
            fields=[
                ("id", _key()),
                ("record", _to("models.Record", "record_id")),
                ("person", _to("models.Person", "person_id")),
                ("told_at", _moment(null=True)),
                ("reminded_at", _moment(null=True)),
                ("read_at", _moment(null=True)),
                ("read_by", fields.CharField(null=True, max_length=16)),
            ],
            options={
                "table": "record_reader",
                "app": "models",
                "pk_attr": "id",
                "unique_together": (("record_id", "person_id"),),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InFlight",
            fields=[
                ("id", _key()),
                ("record", _to("models.Record", "record_id")),
                ("field", fields.CharField(max_length=32)),
                ("body", fields.BinaryField()),
                ("put_at", _moment()),
            ],
            options={
                "table": "in_flight",
                "app": "models",
                "pk_attr": "id",
                "unique_together": (("record_id", "field"),),
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

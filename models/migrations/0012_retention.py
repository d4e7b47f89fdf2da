"""Retention, legal hold and erasure."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.migration_columns import moment

_FOREIGN: Any = fields.ForeignKeyField


INDEXES = [
    "CREATE UNIQUE INDEX record_hold_open ON record_hold (record_id) WHERE ended_at IS NULL",
    "CREATE INDEX record_to_erase ON record (kind, closed_at) WHERE closed_at IS NOT NULL AND erased_at IS NULL",
]


class Migration(migrations.Migration):
    """Adds when a record was erased, and holds."""

    dependencies = [("models", "0011_gifts")]
    operations = [
        ops.AddField("Record", "erased_at", moment(null=True)),
        ops.CreateModel(
            name="RecordHold",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "record",
                    _FOREIGN(
                        "models.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=16)),
                ("set_at", moment()),
                ("ended_at", moment(null=True)),
            ],
            options={"table": "record_hold", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

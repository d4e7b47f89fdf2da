"""Readers of records that are made known, and sealed values that somebody outside the group must read."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migration_columns import key, moment, to

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
                ("id", key()),
                ("record", to("models.Record", "record_id")),
                ("person", to("models.Person", "person_id")),
                ("told_at", moment(null=True)),
                ("reminded_at", moment(null=True)),
                ("read_at", moment(null=True)),
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
                ("id", key()),
                ("record", to("models.Record", "record_id")),
                ("field", fields.CharField(max_length=32)),
                ("body", fields.BinaryField()),
                ("put_at", moment()),
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

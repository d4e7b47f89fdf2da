"""What is published, rates of exchange, counts by hand, lists of givers that were asked for."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.fields import JsonTextField, PublicIdField, new_public_id
from models.migration_columns import key, moment

_FOREIGN: Any = fields.ForeignKeyField


def _to(model: str, column: str, *, null: bool = False, related: str | None = None) -> Any:
    return _FOREIGN(
        model,
        source_field=column,
        null=null,
        db_constraint=True,
        to_field="id",
        on_delete=OnDelete.RESTRICT,
        **({"related_name": related} if related else {}),
    )


def _options(table: str, **more: Any) -> dict[str, Any]:
    return {"table": table, "app": "models", "pk_attr": "id", **more}


INDEXES = [
    "CREATE UNIQUE INDEX publication_of_record ON publication (record_id)",
    "CREATE INDEX publication_by_day ON publication (last_day)",
    "CREATE INDEX custody_count_by_day ON custody_count (kind, day)",
    "CREATE INDEX giver_export_open ON giver_export (open_until) WHERE state = 'approved'",
]


class Migration(migrations.Migration):
    """What is published, rates of exchange, counts by hand, lists of givers that were asked for."""

    dependencies = [("models", "0010_bulletins")]
    operations = [
        ops.CreateModel(
            name="Publication",
            fields=[
                ("id", key()),
                ("record", _to("models.Record", "record_id")),
                ("kind", fields.CharField(max_length=32)),
                ("shown", JsonTextField(unique=False)),
                ("first_day", fields.DateField()),
                ("last_day", fields.DateField()),
            ],
            options=_options("publication"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", key()),
                ("day", fields.DateField()),
                ("currency", fields.CharField(max_length=3)),
                ("rate", fields.CharField(max_length=24)),
                ("source", fields.CharField(max_length=80)),
                ("by", _to("models.Person", "by_id")),
                ("at", moment()),
            ],
            options=_options("exchange_rate", unique_together=(("currency", "day"),)),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustodyCount",
            fields=[
                ("id", key()),
                ("public_id", PublicIdField(default=new_public_id, unique=True)),
                ("kind", fields.CharField(max_length=32)),
                ("quarter", fields.CharField(max_length=6)),
                ("day", fields.DateField()),
                ("state", fields.CharField(max_length=16)),
                ("lines", JsonTextField(unique=False)),
                ("expected", fields.IntField()),
                ("found", fields.IntField()),
                ("group", _to("models.KeyGroup", "group_id")),
                ("reasons_key", fields.BinaryField(null=True)),
                ("reasons", fields.BinaryField(null=True)),
                ("counted_by", _to("models.Person", "counted_by_id", related="counts_begun")),
                ("confirmed_by", _to("models.Person", "confirmed_by_id", null=True, related="counts_confirmed")),
                ("at", moment()),
                ("done_at", moment(null=True)),
            ],
            options=_options("custody_count"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GiverExport",
            fields=[
                ("id", key()),
                ("public_id", PublicIdField(default=new_public_id, unique=True)),
                ("kind", fields.CharField(max_length=32)),
                ("first_day", fields.DateField()),
                ("last_day", fields.DateField()),
                ("state", fields.CharField(max_length=16)),
                ("asked_by", _to("models.Person", "asked_by_id", related="exports_asked")),
                ("asked_at", moment()),
                ("group", _to("models.KeyGroup", "group_id")),
                ("reason_key", fields.BinaryField()),
                ("reason", fields.BinaryField()),
                ("decided_by", _to("models.Person", "decided_by_id", null=True, related="exports_decided")),
                ("decided_at", moment(null=True)),
                ("open_until", moment(null=True)),
                ("content_key", fields.BinaryField(null=True)),
                ("content", fields.BinaryField(null=True)),
                ("rows", fields.IntField(null=True)),
                ("closed_at", moment(null=True)),
            ],
            options=_options("giver_export"),
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

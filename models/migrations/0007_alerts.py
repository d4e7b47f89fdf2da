"""Organisations; what the risk rules have looked at, count and raised."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.migration_columns import key

_FOREIGN: Any = fields.ForeignKeyField
_MOMENT: Any = fields.DatetimeField


def _to(model: str, column: str, *, null: bool = False) -> Any:
    return _FOREIGN(
        model, source_field=column, null=null, db_constraint=True, to_field="id", on_delete=OnDelete.CASCADE
    )


def _words(most: int) -> Any:
    return fields.CharField(max_length=most, default="", db_default="")


def _options(table: str, key: str = "id", **more: Any) -> dict[str, Any]:
    return {"table": table, "app": "models", "pk_attr": key, **more}


INDEXES = [
    "CREATE INDEX pattern_mark_by_hash ON pattern_mark (slot, hash, day)",
    "CREATE INDEX alert_hit_by_alert ON alert_hit (alert_id)",
    "CREATE INDEX raised_alert_by_record ON raised_alert (record_id)",
    "CREATE INDEX pattern_mark_by_record ON pattern_mark (record_id)",
]


class Migration(migrations.Migration):
    """Adds organisations and what the risk rules keep."""

    dependencies = [("models", "0006_returns")]
    operations = [
        ops.CreateModel(
            name="Organisation",
            fields=[
                ("id", key()),
                ("code", fields.CharField(unique=True, max_length=32)),
                ("name_zh", fields.CharField(max_length=120)),
                ("short_zh", _words(120)),
                ("name_en", _words(120)),
                ("kind", _words(32)),
            ],
            options=_options("organisation"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrganisationKey",
            fields=[
                ("id", key()),
                ("organisation", _to("models.Organisation", "organisation_id")),
                ("key", fields.CharField(max_length=160, db_index=True)),
            ],
            options=_options("organisation_key", unique_together=(("organisation_id", "key"),)),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatternCursor",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("version", fields.CharField(max_length=64)),
                ("seq", fields.BigIntField()),
            ],
            options=_options("pattern_cursor", "name"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatternMark",
            fields=[
                ("id", key()),
                ("slot", fields.CharField(max_length=32)),
                ("record", _to("models.Record", "record_id")),
                ("hash", fields.CharField(max_length=64)),
                ("day", fields.DateField()),
                ("who", fields.CharField(max_length=64)),
            ],
            options=_options("pattern_mark", unique_together=(("slot", "record_id"),)),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RaisedAlert",
            fields=[
                ("id", key()),
                ("rule", fields.CharField(max_length=32)),
                ("hits_hash", fields.CharField(unique=True, max_length=64)),
                ("record", _to("models.Record", "record_id", null=True)),
                ("at", _MOMENT(auto_now=False, auto_now_add=False)),
            ],
            options=_options("raised_alert"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AlertHit",
            fields=[
                ("id", key()),
                ("alert", _to("models.RaisedAlert", "alert_id")),
                ("record", _to("models.Record", "record_id")),
            ],
            options=_options("alert_hit", unique_together=(("record_id", "alert_id"),)),
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

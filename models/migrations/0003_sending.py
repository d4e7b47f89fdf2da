"""Several lanes, running processes, incidents, acts by hand, filling in slices."""

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


def _lane(*, null: bool = False, on_delete: OnDelete = OnDelete.RESTRICT, column: str = "lane_id") -> Any:
    return _FOREIGN(
        "models.Lane", source_field=column, null=null, db_constraint=True, to_field="id", on_delete=on_delete
    )


def _to(model: str, column: str, *, null: bool = False) -> Any:
    return _FOREIGN(
        model, source_field=column, null=null, db_constraint=True, to_field="id", on_delete=OnDelete.RESTRICT
    )


def _options(table: str, key: str = "id", **more: Any) -> dict[str, Any]:
    return {"table": table, "app": "models", "pk_attr": key, **more}


INDEXES = [
    "DROP INDEX message_queue",
    "CREATE INDEX message_queue ON message (channel, run_id, priority, id) WHERE state = 'queued'",
    "CREATE UNIQUE INDEX incident_open ON incident (sort, COALESCE(lane_id, 0)) WHERE closed_at IS NULL",
    "CREATE INDEX incident_by_time ON incident (opened_at)",
    "CREATE INDEX sending_act_by_time ON sending_act (at)",
    "CREATE INDEX address_unrouted ON address (id) WHERE route IS NULL AND channel = 'sms'",
]


class Migration(migrations.Migration):
    """Adds what several lanes and several processes need."""

    dependencies = [("models", "0002_rules")]
    operations = [
        ops.AddField("Lane", "cap_day", fields.IntField(null=True)),
        ops.AddField("Address", "route", fields.CharField(null=True, max_length=8)),
        ops.AddField("Address", "home_lane", _lane(null=True, on_delete=OnDelete.SET_NULL, column="home_lane_id")),
        ops.AddField("Message", "possible_duplicate", fields.BooleanField(default=False, db_default=False)),
        ops.AddField("Run", "filled_to", fields.BigIntField(default=0, db_default=0)),
        ops.CreateModel(
            name="Process",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("roles", fields.CharField(max_length=64)),
                ("started_at", _moment()),
                ("seen_at", _moment()),
            ],
            options=_options("process", "name"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LaneDay",
            fields=[
                ("id", _key()),
                ("lane", _lane()),
                ("day", fields.DateField()),
                ("used", fields.IntField(default=0, db_default=0)),
            ],
            options=_options("lane_day", unique_together=(("lane_id", "day"),)),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Incident",
            fields=[
                ("id", _key()),
                ("sort", fields.CharField(max_length=32)),
                ("lane", _lane(null=True)),
                ("code", fields.CharField(null=True, max_length=64)),
                ("opened_at", _moment()),
                ("last_at", _moment()),
                ("closed_at", _moment(null=True)),
            ],
            options=_options("incident"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SendingAct",
            fields=[
                ("id", _key()),
                ("person", _to("models.Person", "person_id")),
                ("act", fields.CharField(max_length=32)),
                ("lane", _lane(null=True)),
                ("message", _to("models.Message", "message_id", null=True)),
                ("at", _moment()),
            ],
            options=_options("sending_act"),
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

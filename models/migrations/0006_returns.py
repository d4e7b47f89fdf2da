"""Monthly returns: the months that were opened, and one row for each person's return in each."""

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


INDEXES = ["CREATE UNIQUE INDEX monthly_return_record ON monthly_return (record_id)"]


class Migration(migrations.Migration):
    """Monthly returns."""

    dependencies = [("models", "0005_member_keys")]
    operations = [
        ops.CreateModel(
            name="ReturnMonth",
            fields=[
                ("id", _key()),
                ("period", fields.CharField(unique=True, max_length=7)),
                ("opened_at", _moment()),
                ("opened_to", fields.BigIntField(default=0, db_default=0)),
                ("complete_at", _moment(null=True)),
                ("due_at", _moment()),
            ],
            options={"table": "return_month", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MonthlyReturn",
            fields=[
                ("id", _key()),
                ("month", _to("models.ReturnMonth", "month_id")),
                ("record", _to("models.Record", "record_id")),
                ("mark", fields.CharField(max_length=64)),
            ],
            options={
                "table": "monthly_return",
                "app": "models",
                "pk_attr": "id",
                "unique_together": (("month_id", "mark"),),
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

"""What reports are made from besides the registers; issued reports and who reads them."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

_FOREIGN: Any = fields.ForeignKeyField


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _unit() -> Any:
    return _FOREIGN(
        "models.Unit",
        source_field="unit_id",
        null=False,
        db_constraint=True,
        to_field="id",
        on_delete=OnDelete.RESTRICT,
    )


def _options(table: str, **more: Any) -> dict[str, Any]:
    return {"table": table, "app": "models", "pk_attr": "id", **more}


IMPORTED = [
    ops.CreateModel(
        name="Sanction",
        fields=[
            ("id", _key()),
            ("row", fields.CharField(max_length=32, unique=True)),
            ("person", fields.CharField(max_length=64)),
            ("kind", fields.CharField(max_length=16)),
            ("decided_on", fields.DateField()),
            ("document_no", fields.CharField(max_length=64)),
            ("published", fields.BooleanField()),
        ],
        options=_options("sanction"),
        bases=["Model"],
    ),
    ops.CreateModel(
        name="Appraisal",
        fields=[
            ("id", _key()),
            ("row", fields.CharField(max_length=32, unique=True)),
            ("year", fields.IntField()),
            ("unit_code", fields.CharField(max_length=32)),
            ("level", fields.CharField(max_length=32)),
            ("bodies", fields.IntField()),
            ("rank", fields.IntField()),
            ("commended", fields.BooleanField()),
            ("score", fields.IntField(null=True)),
        ],
        options=_options("appraisal"),
        bases=["Model"],
    ),
    ops.CreateModel(
        name="SurveySet",
        fields=[
            ("id", _key()),
            ("unit", _unit()),
            ("period", fields.CharField(max_length=7)),
            ("respondent", fields.CharField(max_length=16)),
            ("answers", fields.CharField(max_length=6)),
        ],
        options=_options("survey_set"),
        bases=["Model"],
    ),
    ops.CreateModel(
        name="MatterCount",
        fields=[
            ("id", _key()),
            ("unit", _unit()),
            ("period", fields.CharField(max_length=7)),
            ("matters", fields.IntField()),
        ],
        options=_options("matter_count", unique_together=(("unit_id", "period"),)),
        bases=["Model"],
    ),
]


class Migration(migrations.Migration):
    """Adds what reports need."""

    dependencies = [("models", "0007_alerts")]
    operations = [
        *IMPORTED,
        ops.RunSQL(["CREATE INDEX survey_set_by_period ON survey_set (period)"]),
    ]

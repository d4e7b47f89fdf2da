"""What reports are made from besides the registers; issued reports and who reads them."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.fields import JsonTextField, PublicIdField
from models.migration_columns import key, moment

_FOREIGN: Any = fields.ForeignKeyField


def _to(model: str, column: str, *, null: bool = False, **more: Any) -> Any:
    return _FOREIGN(
        model, source_field=column, null=null, db_constraint=True, to_field="id", on_delete=OnDelete.RESTRICT, **more
    )


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
            ("id", key()),
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
            ("id", key()),
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
            ("id", key()),
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
            ("id", key()),
            ("unit", _unit()),
            ("period", fields.CharField(max_length=7)),
            ("matters", fields.IntField()),
        ],
        options=_options("matter_count", unique_together=(("unit_id", "period"),)),
        bases=["Model"],
    ),
]


INDEXES = [
    "CREATE INDEX survey_set_by_period ON survey_set (period)",
    "CREATE INDEX issued_report_by_state ON issued_report (state, id)",
    "CREATE INDEX report_reader_unread ON report_reader (told_at) WHERE read_at IS NULL",
    "CREATE INDEX report_reader_by_person ON report_reader (person_id, issued_id)",
]


class Migration(migrations.Migration):
    """Adds what reports need, and what is issued."""

    dependencies = [("models", "0007_alerts")]
    operations = [
        *IMPORTED,
        ops.CreateModel(
            name="IssuedReport",
            fields=[
                ("id", key()),
                ("public_id", PublicIdField(max_length=24, unique=True)),
                ("report", fields.CharField(max_length=64)),
                ("period", fields.CharField(max_length=24)),
                ("state", fields.CharField(max_length=16)),
                ("frozen", fields.BinaryField()),
                ("readers", JsonTextField()),
                ("cause", fields.CharField(null=True, unique=True, max_length=128)),
                ("prepared_by", _to("models.Person", "prepared_by_id", null=True, related_name="prepared_reports")),
                ("prepared_at", moment()),
                ("decided_by", _to("models.Person", "decided_by_id", null=True, related_name="decided_reports")),
                ("decided_at", moment(null=True)),
            ],
            options=_options("issued_report"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReportReader",
            fields=[
                ("id", key()),
                ("issued", _to("models.IssuedReport", "issued_id", related_name="reader_rows")),
                ("person", _to("models.Person", "person_id")),
                ("told_at", moment()),
                ("reminded_at", moment(null=True)),
                ("read_at", moment(null=True)),
                ("read_by", fields.CharField(null=True, max_length=16)),
            ],
            options=_options("report_reader", unique_together=(("issued_id", "person_id"),)),
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

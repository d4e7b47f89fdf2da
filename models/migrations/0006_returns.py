"""Monthly returns: the months that were opened, and one row for each person's return in each."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migration_columns import key, moment, to

INDEXES = ["CREATE UNIQUE INDEX monthly_return_record ON monthly_return (record_id)"]


class Migration(migrations.Migration):
    """Monthly returns."""

    dependencies = [("models", "0005_member_keys")]
    operations = [
        ops.CreateModel(
            name="ReturnMonth",
            fields=[
                ("id", key()),
                ("period", fields.CharField(unique=True, max_length=7)),
                ("opened_at", moment()),
                ("opened_to", fields.BigIntField(default=0, db_default=0)),
                ("complete_at", moment(null=True)),
                ("due_at", moment()),
            ],
            options={"table": "return_month", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MonthlyReturn",
            fields=[
                ("id", key()),
                ("month", to("models.ReturnMonth", "month_id")),
                ("record", to("models.Record", "record_id")),
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

"""The months whose returns were opened, and which record is whose return, without saying in clear whose."""

from tortoise import fields
from tortoise.models import Model

from models.record import Record


class ReturnMonth(Model):
    """A month whose return was asked for. It is opened slice by slice of the staff, up to the person `opened_to`."""

    id = fields.BigIntField(primary_key=True)
    period = fields.CharField(max_length=7, unique=True, description="2026-09")
    opened_at = fields.DatetimeField()
    opened_to = fields.BigIntField(default=0, db_default=0)
    complete_at = fields.DatetimeField(null=True, description="when everybody was asked")
    due_at = fields.DatetimeField(description="as the calendar stood last; a holiday that moves changes it")

    class Meta:
        table = "return_month"


class MonthlyReturn(Model):
    """The return of one person for one month. `mark` is his keyed hash: a unit's answers are in nobody's name here."""

    id = fields.BigIntField(primary_key=True)
    month: fields.ForeignKeyRelation[ReturnMonth] = fields.ForeignKeyField(
        "models.ReturnMonth", on_delete=fields.RESTRICT, related_name="returns"
    )
    month_id: int
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", on_delete=fields.RESTRICT)
    record_id: int
    mark = fields.CharField(max_length=64)

    class Meta:
        table = "monthly_return"
        unique_together = (("month_id", "mark"),)

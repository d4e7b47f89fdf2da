"""What registers keep beside their records: what is published, rates of exchange, counts by hand, lists asked for."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.fields import JsonTextField, PublicIdField
from models.org import Person
from models.record import KeyGroup, Record


class Publication(Model):
    """What the public reads of a record, in clear, while it is published; the row goes when that ends."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", on_delete=fields.RESTRICT)
    record_id: int
    kind = fields.CharField(max_length=32)
    shown: Any = JsonTextField(description="what is shown, by field; money in minor units")
    first_day = fields.DateField()
    last_day = fields.DateField()

    class Meta:
        table = "publication"


class ExchangeRate(Model):
    """How much of the home currency one unit of another was worth on a day, and who says so."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    currency = fields.CharField(max_length=3)
    rate = fields.CharField(max_length=24, description="a decimal number, of the home currency for one unit")
    source = fields.CharField(max_length=80)
    by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    by_id: int
    at = fields.DatetimeField()

    class Meta:
        table = "exchange_rate"
        unique_together = (("currency", "day"),)


class CustodyCount(Model):
    """One count by hand of what should be in store: what was found, by two persons. Reasons are sealed to the group."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    kind = fields.CharField(max_length=32)
    quarter = fields.CharField(max_length=6, description="2026Q3")
    day = fields.DateField()
    state = fields.CharField(max_length=16, description="proposed or done")
    lines: Any = JsonTextField(description="id of each record that should be there, and whether it was found")
    expected = fields.IntField()
    found = fields.IntField()
    group: fields.ForeignKeyRelation[KeyGroup] = fields.ForeignKeyField("models.KeyGroup", on_delete=fields.RESTRICT)
    group_id: int
    reasons_key = fields.BinaryField(null=True)
    reasons = fields.BinaryField(null=True, description="the reason of each difference, sealed to the group")
    counted_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, related_name="counts_begun"
    )
    counted_by_id: int
    confirmed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT, related_name="counts_confirmed"
    )
    confirmed_by_id: int | None
    at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "custody_count"


class GiverExport(Model):
    """A list of givers that somebody asked for, that another person approves, and that is taken once.

    The list is sealed to the key of the asker's account; it is erased when it was taken or its time is over.
    """

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    kind = fields.CharField(max_length=32)
    first_day = fields.DateField()
    last_day = fields.DateField()
    state = fields.CharField(max_length=16, description="asked, approved, refused, taken or expired")
    asked_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, related_name="exports_asked"
    )
    asked_by_id: int
    asked_at = fields.DatetimeField()
    group: fields.ForeignKeyRelation[KeyGroup] = fields.ForeignKeyField("models.KeyGroup", on_delete=fields.RESTRICT)
    group_id: int
    reason_key = fields.BinaryField()
    reason = fields.BinaryField(description="sealed to the group")
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT, related_name="exports_decided"
    )
    decided_by_id: int | None
    decided_at = fields.DatetimeField(null=True)
    open_until = fields.DatetimeField(null=True)
    content_key = fields.BinaryField(null=True)
    content = fields.BinaryField(null=True)
    rows = fields.IntField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "giver_export"

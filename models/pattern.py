"""What the risk rules keep: how far they have looked, what they count by, which alerts they raised for which records.

Marks can be made anew from the records at any time; alerts and their hits stay.
"""

from tortoise import fields
from tortoise.models import Model

from models.record import Record


class PatternCursor(Model):
    """How far the rules of a version have followed the ledger; `seq` is the next entry to look at."""

    name = fields.CharField(max_length=32, primary_key=True)
    version = fields.CharField(max_length=64)
    seq = fields.BigIntField()

    class Meta:
        table = "pattern_cursor"


class PatternMark(Model):
    """That a record counts in a slot of a rule: under which keyed hash, on which local day, as which one of several."""

    id = fields.BigIntField(primary_key=True)
    slot = fields.CharField(max_length=32, description="rule and place in it, e.g. RK03.1")
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", on_delete=fields.CASCADE)
    record_id: int
    hash = fields.CharField(max_length=64)
    day = fields.DateField()
    who = fields.CharField(max_length=64, description="what is counted: the record itself, an officer, a kind")

    class Meta:
        table = "pattern_mark"
        unique_together = (("slot", "record_id"),)


class RaisedAlert(Model):
    """An alert that a rule raised. The hash is made of the rule and its hits: the same hits raise no second one."""

    id = fields.BigIntField(primary_key=True)
    rule = fields.CharField(max_length=32)
    hits_hash = fields.CharField(max_length=64, unique=True)
    record: fields.ForeignKeyNullableRelation[Record] = fields.ForeignKeyField(
        "models.Record", null=True, on_delete=fields.CASCADE
    )
    record_id: int | None
    at = fields.DatetimeField()

    class Meta:
        table = "raised_alert"


class AlertHit(Model):
    """One record that an alert counted."""

    id = fields.BigIntField(primary_key=True)
    alert: fields.ForeignKeyRelation[RaisedAlert] = fields.ForeignKeyField(
        "models.RaisedAlert", on_delete=fields.CASCADE, related_name="hits"
    )
    alert_id: int
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", on_delete=fields.CASCADE)
    record_id: int

    class Meta:
        table = "alert_hit"
        unique_together = (("record_id", "alert_id"),)

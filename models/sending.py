"""What surrounds sending: which processes run, what lanes used today, incidents, and what somebody did by hand."""

from tortoise import fields
from tortoise.models import Model

from models.lane import Lane
from models.org import Person
from models.outgoing import Message


class Process(Model):
    """A running process of the service, as it says itself every few seconds; who is silent for long is gone."""

    name = fields.CharField(max_length=64, primary_key=True)
    roles = fields.CharField(max_length=64)
    started_at = fields.DatetimeField()
    seen_at = fields.DatetimeField(description="by the clock of the database")

    class Meta:
        table = "process"


class LaneDay(Model):
    """How many units (segments or messages) a lane handed over on a day of the agency's calendar."""

    id = fields.BigIntField(primary_key=True)
    lane: fields.ForeignKeyRelation[Lane] = fields.ForeignKeyField("models.Lane", on_delete=fields.RESTRICT)
    lane_id: int
    day = fields.DateField()
    used = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "lane_day"
        unique_together = (("lane_id", "day"),)


class Incident(Model):
    """Something that keeps messages from going out or coming in. One is open at a time for each sort and lane."""

    id = fields.BigIntField(primary_key=True)
    sort = fields.CharField(max_length=32, description="a sort of messaging.incidents")
    lane: fields.ForeignKeyNullableRelation[Lane] = fields.ForeignKeyField(
        "models.Lane", null=True, on_delete=fields.RESTRICT
    )
    lane_id: int | None
    code = fields.CharField(max_length=64, null=True, description="the provider's code, or the name of a failure")
    opened_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "incident"


class SendingAct(Model):
    """One thing that somebody did to sending by hand: stopped it, changed a lane, sent an unknown message again."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    act = fields.CharField(max_length=32)
    lane: fields.ForeignKeyNullableRelation[Lane] = fields.ForeignKeyField(
        "models.Lane", null=True, on_delete=fields.RESTRICT
    )
    lane_id: int | None
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "models.Message", null=True, on_delete=fields.RESTRICT
    )
    message_id: int | None
    at = fields.DatetimeField()

    class Meta:
        table = "sending_act"

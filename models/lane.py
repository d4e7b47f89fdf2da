"""A lane: one sending identity of a channel with its own rate, and one owner at a time."""

from tortoise import fields
from tortoise.models import Model


class Lane(Model):
    """A bot, a number or a Messaging Service. Only the process whose name and epoch stand here may send through it."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    channel = fields.CharField(max_length=16)
    sender = fields.CharField(max_length=64, default="", db_default="")
    credentials = fields.BinaryField(null=True, description="encrypted; NULL: those of the settings")
    rate = fields.FloatField(description="segments (sms) or messages (telegram) a second")
    prefix = fields.CharField(max_length=16, default="", db_default="", description="numbers it serves begin with this")
    weight = fields.SmallIntField(default=1, db_default=1)
    cap_day = fields.IntField(null=True, description="units that it may send a day; NULL: no limit")
    enabled = fields.BooleanField(default=True, db_default=True)
    owner = fields.CharField(max_length=64, null=True)
    epoch = fields.BigIntField(default=0, db_default=0)
    lease_until = fields.DatetimeField(null=True)
    held_until = fields.DatetimeField(null=True, description="the provider asked to wait")
    last_error = fields.CharField(max_length=64, null=True)
    last_error_at = fields.DatetimeField(null=True)

    class Meta:
        table = "lane"

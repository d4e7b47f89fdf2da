"""One way to reach somebody, what he agreed to, and the codes that prove an address is his."""

from tortoise import fields
from tortoise.models import Model

from models.fields import PublicIdField
from models.lane import Lane
from models.org import Person


class Address(Model):
    """Channel and identity (a number in E.164, a chat id). An outsider is an address without a person, never merged."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    channel = fields.CharField(max_length=16)
    identity = fields.BinaryField(description="encrypted")
    identity_hash = fields.CharField(max_length=64, description="keyed hash of channel and identity")
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.SET_NULL, related_name="addresses"
    )
    person_id: int | None
    lang = fields.CharField(max_length=8, null=True)
    created_at = fields.DatetimeField()
    verified_at = fields.DatetimeField(null=True, description="when it was shown to be the person's")
    bad_at = fields.DatetimeField(null=True, description="when the provider said that it cannot be reached")
    bad_code = fields.CharField(max_length=16, null=True)
    route = fields.CharField(max_length=8, null=True, description="how a number begins, for lanes; NULL: not looked at")
    home_lane: fields.ForeignKeyNullableRelation[Lane] = fields.ForeignKeyField(
        "models.Lane", null=True, on_delete=fields.SET_NULL, description="the lane that it last wrote to"
    )
    home_lane_id: int | None

    class Meta:
        table = "address"
        unique_together = (("channel", "identity_hash"),)


class Consent(Model):
    """What an address said about a category of outgoing messages; no row means nothing was said."""

    id = fields.BigIntField(primary_key=True)
    address: fields.ForeignKeyRelation[Address] = fields.ForeignKeyField(
        "models.Address", related_name="consents", on_delete=fields.RESTRICT
    )
    address_id: int
    category = fields.CharField(max_length=16)
    given = fields.BooleanField()
    source = fields.CharField(max_length=32, description="word, provider, import or console")
    at = fields.DatetimeField()

    class Meta:
        table = "consent"
        unique_together = (("address_id", "category"),)


class OneTimeCode(Model):
    """A code sent to the registered address of a person, to be returned from the new one."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    address: fields.ForeignKeyRelation[Address] = fields.ForeignKeyField("models.Address", on_delete=fields.RESTRICT)
    address_id: int
    code_hash = fields.CharField(max_length=64)
    tries = fields.SmallIntField(default=0, db_default=0)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "one_time_code"

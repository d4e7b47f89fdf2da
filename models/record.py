"""Records of every kind in one table: clear facts, sealed statements, keyed hashes by which a value is found."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.fields import JsonTextField, PublicIdField
from models.org import Unit


class KeyGroup(Model):
    """A group that handles records. Whoever writes needs only `public_key`; reading needs `private_key` opened."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=32, unique=True, description="integrity_office, complaint_centre …")
    public_key = fields.BinaryField()
    private_key = fields.BinaryField(description="wrapped by the service key")
    created_at = fields.DatetimeField()

    class Meta:
        table = "key_group"


class Record(Model):
    """One report of a kind. What is personal or free text is in its sealed statements, never here."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    kind = fields.CharField(max_length=32)
    kind_version = fields.CharField(max_length=64)
    number = fields.CharField(max_length=24, null=True, unique=True)
    state = fields.CharField(max_length=32)
    state_since = fields.DatetimeField()
    facts: Any = JsonTextField(description="clear facts by field; money in minor units")
    tracks: Any = JsonTextField(description="state of each track")
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT
    )
    unit_id: int | None
    group: fields.ForeignKeyRelation[KeyGroup] = fields.ForeignKeyField("models.KeyGroup", on_delete=fields.RESTRICT)
    group_id: int
    lang = fields.CharField(max_length=8)
    channel = fields.CharField(max_length=16)
    reply_to = fields.BinaryField(null=True, description="encrypted id of the address that answers go to")
    handles = fields.BinaryField(null=True, description="encrypted JSON: ids of owner and handler, for notifying only")
    filed_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True, description="when the limit of the present state ends")
    moves_at = fields.DatetimeField(null=True, description="when the system itself moves it on")
    later_until = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    lock_version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "record"


class Statement(Model):
    """One sealed content of a record: what was filed, an answer given later, a note. Dropping `key` destroys it."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "models.Record", on_delete=fields.RESTRICT, related_name="statements"
    )
    record_id: int
    seq = fields.IntField()
    at = fields.DatetimeField()
    source = fields.CharField(max_length=16, description="filing, amendment, note or act")
    fields_given: Any = JsonTextField(description="ids of the fields in it")
    key = fields.BinaryField(null=True, description="data key sealed to the group")
    sealed = fields.BinaryField()
    salt = fields.BinaryField(null=True, description="opens the commitment in the ledger")

    class Meta:
        table = "statement"
        unique_together = (("record_id", "seq"),)


class RecordMatch(Model):
    """A keyed hash of a field's normalised value, for equality, patterns, recusal and the owner's own list."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "models.Record", related_name="matches", on_delete=fields.RESTRICT
    )
    record_id: int
    field = fields.CharField(
        max_length=32, description="a field id, with @found what it was found to mean, or @owner, @handler, @recused"
    )
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "record_match"
        unique_together = (("record_id", "field", "hash"),)


class NumberCounter(Model):
    """The last sequence given for a prefix on a day."""

    id = fields.BigIntField(primary_key=True)
    prefix = fields.CharField(max_length=8)
    day = fields.DateField()
    reached = fields.IntField()

    class Meta:
        table = "number_counter"
        unique_together = (("prefix", "day"),)

"""Records of every kind in one table: clear facts, sealed statements, keyed hashes by which a value is found."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.fields import JsonTextField, PublicIdField
from models.org import Account, Unit


class KeyGroup(Model):
    """A group that handles records. Whoever writes needs only `public_key`; reading needs `private_key` opened."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=32, unique=True, description="integrity_office, complaint_centre …")
    public_key = fields.BinaryField()
    private_key = fields.BinaryField(description="wrapped by the service key until a member holds it; then empty")
    recovery_key = fields.BinaryField(null=True, description="private key sealed to the recovery key")
    created_at = fields.DatetimeField()
    members: fields.ReverseRelation["GroupMember"]

    class Meta:
        table = "key_group"


class GroupMember(Model):
    """An account that holds the private key of a group, sealed to its own public key."""

    id = fields.BigIntField(primary_key=True)
    group: fields.ForeignKeyRelation[KeyGroup] = fields.ForeignKeyField(
        "models.KeyGroup", related_name="members", on_delete=fields.RESTRICT
    )
    group_id: int
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="memberships", on_delete=fields.RESTRICT
    )
    account_id: int
    sealed_key = fields.BinaryField(description="the group's private key sealed to the account")
    added_at = fields.DatetimeField()
    added_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", null=True, related_name="admissions", on_delete=fields.RESTRICT
    )
    added_by_id: int | None

    class Meta:
        table = "group_member"
        unique_together = (("group_id", "account_id"),)


class RecoveryKey(Model):
    """The public half of the recovery key; two persons keep the halves of the other on paper. The newest row counts."""

    id = fields.BigIntField(primary_key=True)
    public_key = fields.BinaryField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "recovery_key"


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
    erased_at = fields.DatetimeField(null=True, description="when its keys were destroyed, after its years")
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

"""Files of records: sealed in chunks beside the statements, with hashes of what was received and what is kept."""

from tortoise import fields
from tortoise.models import Model

from models.address import Address
from models.fields import PublicIdField
from models.lane import Lane
from models.record import KeyGroup, Record


class Evidence(Model):
    """One file, wanted, kept or not taken. Dropping `key` destroys it."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    record: fields.ForeignKeyNullableRelation[Record] = fields.ForeignKeyField(
        "models.Record", null=True, on_delete=fields.RESTRICT
    )
    record_id: int | None
    question_id = fields.BigIntField(null=True, description="the dialog in which it came")
    group: fields.ForeignKeyRelation[KeyGroup] = fields.ForeignKeyField("models.KeyGroup", on_delete=fields.RESTRICT)
    group_id: int
    address: fields.ForeignKeyNullableRelation[Address] = fields.ForeignKeyField(
        "models.Address", null=True, on_delete=fields.RESTRICT
    )
    address_id: int | None
    lane: fields.ForeignKeyNullableRelation[Lane] = fields.ForeignKeyField(
        "models.Lane", null=True, on_delete=fields.RESTRICT
    )
    lane_id: int | None
    field = fields.CharField(max_length=32, description="the field of the kind that it belongs to")
    given_by = fields.CharField(max_length=64, description="the pseudonym of who gave it")
    lang = fields.CharField(max_length=8)
    at = fields.DatetimeField()
    state = fields.CharField(max_length=16, description="wanted, stored, refused or gone")
    provider_file = fields.BinaryField(null=True, description="encrypted: what the provider calls it, until it is kept")
    file_key = fields.CharField(max_length=64, null=True, description="keyed hash of the provider's lasting id")
    tries = fields.SmallIntField(default=0, db_default=0)
    not_before = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=32, null=True, description="the sentence that says why it is not kept")
    stored_at = fields.DatetimeField(null=True)
    media = fields.CharField(max_length=32, null=True)
    size = fields.IntField(null=True, description="bytes of what is kept")
    received_hash = fields.CharField(max_length=64, null=True, description="SHA-256 of what was received")
    kept_hash = fields.CharField(max_length=64, null=True, description="SHA-256 of what is kept")
    key = fields.BinaryField(null=True, description="data key sealed to the group")

    class Meta:
        table = "evidence"


class EvidenceChunk(Model):
    """A part of a file, encrypted under its data key. `turn` is the try that wrote it."""

    id = fields.BigIntField(primary_key=True)
    evidence: fields.ForeignKeyRelation[Evidence] = fields.ForeignKeyField(
        "models.Evidence", on_delete=fields.CASCADE, related_name="chunks"
    )
    evidence_id: int
    turn = fields.SmallIntField()
    seq = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "evidence_chunk"
        unique_together = (("evidence_id", "turn", "seq"),)

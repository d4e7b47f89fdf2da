"""Legal holds: while one is open, a record is not erased."""

from tortoise import fields
from tortoise.models import Model

from models.record import Record


class RecordHold(Model):
    """One hold on a record; one is open at a time. Who set and ended it stands in the ledger."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", on_delete=fields.RESTRICT)
    record_id: int
    reason = fields.CharField(max_length=16, description="a word of records.retention.REASONS")
    set_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "record_hold"

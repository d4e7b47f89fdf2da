"""Who is to read a record that is made known, and the sealed values that others than its group must read meanwhile."""

from tortoise import fields
from tortoise.models import Model

from models.org import Person
from models.record import Record


class RecordReader(Model):
    """Somebody who is to read a record that was made known. `read_by` is the channel of his answer, or `web`."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "models.Record", on_delete=fields.RESTRICT, related_name="readers"
    )
    record_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, related_name="reads"
    )
    person_id: int
    told_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    read_by = fields.CharField(max_length=16, null=True)

    class Meta:
        table = "record_reader"
        unique_together = (("record_id", "person_id"),)


class InFlight(Model):
    """A sealed value besides, encrypted by the service key, for as long as somebody outside the group must read it."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "models.Record", on_delete=fields.RESTRICT, related_name="in_flight"
    )
    record_id: int
    field = fields.CharField(max_length=32)
    body = fields.BinaryField()
    put_at = fields.DatetimeField()

    class Meta:
        table = "in_flight"
        unique_together = (("record_id", "field"),)

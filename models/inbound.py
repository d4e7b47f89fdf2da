"""What came in, stored before it is answered; and what waits for an answer."""

from tortoise import fields
from tortoise.models import Model

from models.address import Address
from models.lane import Lane
from models.org import Person


class Inbound(Model):
    """One thing that a provider delivered, deduplicated by the provider's id for ever."""

    id = fields.BigIntField(primary_key=True)
    lane: fields.ForeignKeyRelation[Lane] = fields.ForeignKeyField("models.Lane", on_delete=fields.RESTRICT)
    lane_id: int
    provider_id = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=16)
    address: fields.ForeignKeyNullableRelation[Address] = fields.ForeignKeyField(
        "models.Address", null=True, on_delete=fields.RESTRICT
    )
    address_id: int | None
    kind = fields.CharField(max_length=16, description="text, press (a button), file or other")
    body = fields.BinaryField(null=True, description="encrypted text, or the data of a button; scrubbed to NULL")
    press_id = fields.CharField(max_length=64, null=True, description="what to answer a button press with")
    about_provider_id = fields.CharField(max_length=64, null=True, description="our message that it answers")
    carried = fields.BinaryField(null=True, description="encrypted JSON: files, album, day of what was forwarded")
    chat_message_id = fields.CharField(max_length=64, null=True, description="what the chat calls this message")
    received_at = fields.DatetimeField()
    state = fields.CharField(max_length=16, default="new", db_default="new", description="new, handled, set_aside")
    tries = fields.SmallIntField(default=0, db_default=0)
    not_before = fields.DatetimeField(null=True)
    handled_at = fields.DatetimeField(null=True)
    intent = fields.CharField(max_length=32, null=True)
    urgent = fields.BooleanField(default=False, db_default=False, description="a danger phrase was in it")
    for_person = fields.BooleanField(default=False, db_default=False, description="a person must read it")
    read_at = fields.DatetimeField(null=True)
    till_read = fields.BooleanField(
        default=False, db_default=False, description="its words stand in a record: the body is erased once it is read"
    )

    class Meta:
        table = "inbound"
        unique_together = (("lane_id", "provider_id"),)


class OpenQuestion(Model):
    """What we wait for from an address. One ordered stack per address; the one last sent is on top."""

    id = fields.BigIntField(primary_key=True)
    address: fields.ForeignKeyRelation[Address] = fields.ForeignKeyField(
        "models.Address", related_name="questions", on_delete=fields.RESTRICT
    )
    address_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    kind = fields.CharField(max_length=32, description="ack, dialog, rating, bind, status, suggest …")
    ref_id = fields.BigIntField(null=True, description="the run or record it is about, by kind")
    topic = fields.CharField(max_length=64, default="", db_default="", description="which of its kind, e.g. a form")
    payload = fields.BinaryField(null=True, description="encrypted JSON: the place in a dialog and its answers")
    message_key = fields.CharField(max_length=160, null=True, description="dedupe key of the message that asks it")
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=16, null=True, description="answered, dropped, expired or replaced")

    class Meta:
        table = "open_question"

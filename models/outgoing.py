"""The outbox: messages, every try to send them, and what the provider said later.

The row is the queue. A message is inserted in the same transaction as the change that causes it, under a unique
`dedupe_key`, so that nothing is said twice. The states and their moves are in `models.states`.
"""

from tortoise import fields
from tortoise.models import Model

from models.address import Address
from models.campaign import Run
from models.fields import JsonTextField
from models.lane import Lane
from models.org import Person


class Message(Model):
    """One thing to be said to one address."""

    id = fields.BigIntField(primary_key=True)
    dedupe_key = fields.CharField(max_length=160, unique=True)
    channel = fields.CharField(max_length=16)
    address: fields.ForeignKeyNullableRelation[Address] = fields.ForeignKeyField(
        "models.Address", null=True, on_delete=fields.RESTRICT
    )
    address_id: int | None
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    run: fields.ForeignKeyNullableRelation[Run] = fields.ForeignKeyField(
        "models.Run", null=True, on_delete=fields.RESTRICT, related_name="messages"
    )
    run_id: int | None
    category = fields.CharField(max_length=16, description="reply, duty, service, education, survey, family, test")
    priority = fields.SmallIntField(description="0 answers to a person, 5 duty and service, 9 bulk")
    lang = fields.CharField(max_length=8)
    text_key = fields.CharField(max_length=64, null=True)
    body = fields.BinaryField(null=True, description="encrypted text; NULL for a run: its frozen text is used")
    buttons = JsonTextField(null=True, description="rows of {label, data}")
    edits_provider_id = fields.CharField(max_length=64, null=True, description="the message that it replaces in a chat")
    answers_press = fields.CharField(max_length=64, null=True, description="the button press that it answers")
    deletes = fields.TextField(null=True, description="the messages of a chat that it takes away first: 12,13,17")
    state = fields.CharField(max_length=16, default="queued", db_default="queued")
    reason = fields.CharField(max_length=32, null=True, description="why it ended without acceptance")
    queued_at = fields.DatetimeField()
    not_before = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)
    state_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True, description="set once, apart from the state")
    tries = fields.SmallIntField(default=0, db_default=0)
    segments = fields.SmallIntField(null=True)
    provider_id = fields.CharField(max_length=64, null=True)
    possible_duplicate = fields.BooleanField(
        default=False, db_default=False, description="sent again by hand though it may have gone out"
    )
    fleeting = fields.BooleanField(
        default=False, db_default=False, description="it says what is sealed: its text is erased once it is settled"
    )

    class Meta:
        table = "message"


class Attempt(Model):
    """One try to say a message, committed before the provider is called. Its outcome is written once."""

    id = fields.BigIntField(primary_key=True)
    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="attempts", on_delete=fields.RESTRICT
    )
    message_id: int
    token = fields.CharField(max_length=32, unique=True, description="stands in the status callback URL")
    lane: fields.ForeignKeyRelation[Lane] = fields.ForeignKeyField("models.Lane", on_delete=fields.RESTRICT)
    lane_id: int
    epoch = fields.BigIntField()
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=16, null=True, description="an Outcome of models.states")
    provider_id = fields.CharField(max_length=64, null=True)
    code = fields.CharField(max_length=32, null=True)
    asks = fields.SmallIntField(default=0, db_default=0, description="how often the provider was asked about it")
    ask_at = fields.DatetimeField(null=True, description="when it may be asked about again")
    absent_at = fields.DatetimeField(null=True, description="when the provider's complete list first lacked it")

    class Meta:
        table = "attempt"


class Receipt(Model):
    """What the provider said later about an attempt; the same word twice is one row."""

    id = fields.BigIntField(primary_key=True)
    attempt: fields.ForeignKeyRelation[Attempt] = fields.ForeignKeyField(
        "models.Attempt", related_name="receipts", on_delete=fields.RESTRICT
    )
    attempt_id: int
    status = fields.CharField(max_length=16)
    code = fields.CharField(max_length=32, null=True)
    received_at = fields.DatetimeField()

    class Meta:
        table = "receipt"
        unique_together = (("attempt_id", "status"),)

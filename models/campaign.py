"""Campaigns: what to say to whom, the rule of when, what results from each due moment, and who acknowledged."""

from tortoise import fields
from tortoise.models import Model

from models.fields import JsonTextField, PublicIdField
from models.org import Person


class Campaign(Model):
    """What to say to whom. Texts are in `CampaignText`, the rule of when in `Schedule`."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    title = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=32, default="reminder", db_default="reminder")
    occasion = fields.CharField(max_length=32, default="", db_default="")
    category = fields.CharField(max_length=16, default="education", db_default="education")
    template = fields.CharField(max_length=32, default="", db_default="")
    state = fields.CharField(max_length=16, default="draft", db_default="draft")
    version = fields.IntField(
        default=1, db_default=1, description="grows with every change of what is said to whom and when"
    )
    ack = fields.BooleanField(default=False, db_default=False)
    audience = JsonTextField(description='{"units": [code …], "post_classes": [class …]}; empty lists mean everybody')
    tested_version = fields.IntField(null=True, description="the version whose test message its author received")
    author: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, related_name="written"
    )
    author_id: int
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "campaign"


class CampaignText(Model):
    """The text of a campaign in one language."""

    id = fields.BigIntField(primary_key=True)
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "models.Campaign", related_name="texts", on_delete=fields.RESTRICT
    )
    campaign_id: int
    lang = fields.CharField(max_length=8)
    text = fields.TextField()

    class Meta:
        table = "campaign_text"
        unique_together = (("campaign_id", "lang"),)


class CampaignAct(Model):
    """One act on a campaign: who wrote, submitted, approved, changed, paused it, and in which version."""

    id = fields.BigIntField(primary_key=True)
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "models.Campaign", related_name="acts", on_delete=fields.RESTRICT
    )
    campaign_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    act = fields.CharField(max_length=32)
    version = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        table = "campaign_act"


class Schedule(Model):
    """The rule of when.

    `rule` is {"at": local time} or {"festival": key, "year": y, "days_before": n, "time": "09:00"}.
    """

    id = fields.BigIntField(primary_key=True)
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "models.Campaign", related_name="schedules", on_delete=fields.RESTRICT
    )
    campaign_id: int
    rule = JsonTextField()
    timezone = fields.CharField(max_length=64)
    next_due_at = fields.DatetimeField(null=True)
    grace_minutes = fields.IntField(default=120, db_default=120)
    when_missed = fields.CharField(max_length=8, default="ask", db_default="ask", description="send, skip or ask")

    class Meta:
        table = "schedule"


class Run(Model):
    """What results from one due moment of a schedule; `round` 2 chases those who did not acknowledge."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "models.Campaign", on_delete=fields.RESTRICT, related_name="runs"
    )
    campaign_id: int
    schedule: fields.ForeignKeyRelation[Schedule] = fields.ForeignKeyField("models.Schedule", on_delete=fields.RESTRICT)
    schedule_id: int
    due_at = fields.DatetimeField()
    round = fields.SmallIntField(default=1, db_default=1)
    state = fields.CharField(max_length=16, default="due", db_default="due")
    category = fields.CharField(max_length=16)
    ack = fields.BooleanField(default=False, db_default=False)
    audience = JsonTextField()
    filled_to = fields.BigIntField(default=0, db_default=0, description="the last person's id of the slices filled")
    filled_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "run"
        unique_together = (("schedule_id", "due_at", "round"),)


class RunText(Model):
    """The text of a run in one language, frozen when the run was made."""

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[Run] = fields.ForeignKeyField(
        "models.Run", related_name="texts", on_delete=fields.RESTRICT
    )
    run_id: int
    lang = fields.CharField(max_length=8)
    text = fields.TextField()
    segments = fields.SmallIntField()

    class Meta:
        table = "run_text"
        unique_together = (("run_id", "lang"),)


class Acknowledgement(Model):
    """That a person acknowledged a run, once, and through what."""

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[Run] = fields.ForeignKeyField(
        "models.Run", related_name="acknowledgements", on_delete=fields.RESTRICT
    )
    run_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    channel = fields.CharField(max_length=16)
    at = fields.DatetimeField()

    class Meta:
        table = "acknowledgement"
        unique_together = (("run_id", "person_id"),)

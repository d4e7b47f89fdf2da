"""Who works here: units in a tree, persons, what they may do, accounts for the console and their sessions."""

from tortoise import fields
from tortoise.models import Model

from models.fields import PublicIdField


class Unit(Model):
    """An office in the tree. `code` is the agency's own id, e.g. U10A."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=32, unique=True)
    parent: fields.ForeignKeyNullableRelation["Unit"] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, related_name="children"
    )
    parent_id: int | None
    name_zh = fields.CharField(max_length=120)
    name_en = fields.CharField(max_length=120, default="", db_default="")
    kind = fields.CharField(max_length=32, default="section", db_default="section")
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "unit"


class Organisation(Model):
    """A company that appears in records. `code` is the agency's own id, e.g. SLC007."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=32, unique=True)
    name_zh = fields.CharField(max_length=120)
    short_zh = fields.CharField(max_length=120, default="", db_default="")
    name_en = fields.CharField(max_length=120, default="", db_default="")
    kind = fields.CharField(max_length=32, default="", db_default="")

    class Meta:
        table = "organisation"


class OrganisationKey(Model):
    """One spelling by which an organisation is found; `people.company_names` makes them."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", on_delete=fields.CASCADE, related_name="keys"
    )
    organisation_id: int
    key = fields.CharField(max_length=160, db_index=True)

    class Meta:
        table = "organisation_key"
        unique_together = (("organisation_id", "key"),)


class Person(Model):
    """A staff member or another known human. Names are encrypted: a record may name a colleague."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    staff_no = fields.CharField(max_length=32, null=True, unique=True)
    kind = fields.CharField(max_length=16, default="staff", db_default="staff", description="staff or external")
    name = fields.BinaryField(description="encrypted: name in its own script")
    name_en = fields.BinaryField(null=True, description="encrypted: name in Latin letters")
    name_hash = fields.CharField(max_length=64, null=True, db_index=True)
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, related_name="persons"
    )
    unit_id: int | None
    post = fields.CharField(max_length=120, default="", db_default="")
    post_class = fields.CharField(max_length=32, default="ordinary", db_default="ordinary")
    lang = fields.CharField(max_length=8, default="zh-Hans", db_default="zh-Hans")
    preferred_channel = fields.CharField(max_length=16, null=True, description="sms, telegram or none given")
    status = fields.CharField(max_length=16, default="active", db_default="active", description="active, leave or left")
    in_post_since = fields.DateField(null=True)
    monthly_report = fields.BooleanField(default=True, db_default=True)
    signing_hash = fields.CharField(max_length=64, null=True, description="keyed hash of the signing code")
    signing_tries = fields.SmallIntField(default=0, db_default=0)
    signing_locked_until = fields.DatetimeField(null=True)

    class Meta:
        table = "person"


class Grant(Model):
    """A role that a person has, in the reach of a unit and its sub-units, or without a reach."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="grants")
    person_id: int
    role = fields.CharField(max_length=32)
    scope: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField("models.Unit", null=True)
    scope_id: int | None

    class Meta:
        table = "grant_"


class Account(Model):
    """A person's right to use the console."""

    id = fields.BigIntField(primary_key=True)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField("models.Person", related_name="account")
    person_id: int
    login = fields.CharField(max_length=64, unique=True)
    password_hash = fields.CharField(max_length=200)
    public_key = fields.BinaryField(null=True, description="what is for this account alone is sealed to it")
    private_key = fields.BinaryField(null=True, description="wrapped by a key that the password gives")
    failed = fields.SmallIntField(default=0, db_default=0)
    locked_until = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "account"


class ConsoleSession(Model):
    """A signed-in browser. The cookie holds a random token, the row its hash, so that it can be revoked."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="sessions")
    account_id: int
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    private_key = fields.BinaryField(null=True, description="the account's, wrapped by what the cookie alone gives")

    class Meta:
        table = "console_session"


class ServiceStamp(Model):
    """A named value about this installation, e.g. the check value of its key or the id of its ledger."""

    name = fields.CharField(max_length=64, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "service_stamp"

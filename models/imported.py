"""What reports need and no register holds: sanctions, appraisals by local bodies, survey answers, counts of matters.

Rows come by CSV import only (`oversight.importing`) and name nobody: a sanctioned person is a keyed hash.
"""

from tortoise import fields
from tortoise.models import Model

from models.org import Unit


class Sanction(Model):
    """A decision against a member of staff who took something. `row` is its line in the agency's own list."""

    id = fields.BigIntField(primary_key=True)
    row = fields.CharField(max_length=32, unique=True)
    person = fields.CharField(max_length=64, description="keyed hash of the code that the list gives the person")
    kind = fields.CharField(max_length=16, description="party, admin, org, criminal")
    decided_on = fields.DateField()
    document_no = fields.CharField(max_length=64)
    published = fields.BooleanField()

    class Meta:
        table = "sanction"


class Appraisal(Model):
    """How a unit came out in the appraisal of a local body in a year; its code need not be one of our tree."""

    id = fields.BigIntField(primary_key=True)
    row = fields.CharField(max_length=32, unique=True)
    year = fields.IntField()
    unit_code = fields.CharField(max_length=32)
    level = fields.CharField(max_length=32, description="who held it: province, city, county")
    bodies = fields.IntField(description="how many were appraised")
    rank = fields.IntField()
    commended = fields.BooleanField()
    score = fields.IntField(null=True, description="hundredths of a point")

    class Meta:
        table = "appraisal"


class SurveySet(Model):
    """One set of six answers of the conduct survey, 0 to 5 (0 is no answer); nobody's address is kept."""

    id = fields.BigIntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField("models.Unit", on_delete=fields.RESTRICT)
    unit_id: int
    period = fields.CharField(max_length=7, description="month, 2026-08")
    respondent = fields.CharField(max_length=16, description="company, broker, traveller, supervisor, staff")
    answers = fields.CharField(max_length=6, description="the six answers as digits")

    class Meta:
        table = "survey_set"


class MatterCount(Model):
    """How many matters a unit handled in a month: what complaints are set against."""

    id = fields.BigIntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField("models.Unit", on_delete=fields.RESTRICT)
    unit_id: int
    period = fields.CharField(max_length=7, description="month, 2026-08")
    matters = fields.IntField()

    class Meta:
        table = "matter_count"
        unique_together = (("unit_id", "period"),)

"""Reports that are issued: prepared by one, issued by another, read by those they are for."""

from tortoise import fields
from tortoise.models import Model

from models.fields import JsonTextField, PublicIdField
from models.org import Person


class IssuedReport(Model):
    """A report as it was prepared, frozen; `frozen` is encrypted. `cause` makes what is printed by schedule unique."""

    id = fields.BigIntField(primary_key=True)
    public_id = PublicIdField()
    report = fields.CharField(max_length=64)
    period = fields.CharField(max_length=24, description="as oversight.periods writes it: 2026-09, 2026Q3 …")
    state = fields.CharField(max_length=16, description="waiting, issued or dropped")
    frozen = fields.BinaryField(description="encrypted JSON of oversight.printing.frozen")
    readers = JsonTextField(description="roles and staff numbers that it is for")
    cause = fields.CharField(max_length=128, null=True, unique=True)
    prepared_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, related_name="prepared_reports", on_delete=fields.RESTRICT
    )
    prepared_by_id: int | None
    prepared_at = fields.DatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, related_name="decided_reports", on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "issued_report"


class ReportReader(Model):
    """Somebody whom an issued report is for: when he was told, reminded, and read it, and by what."""

    id = fields.BigIntField(primary_key=True)
    issued: fields.ForeignKeyRelation[IssuedReport] = fields.ForeignKeyField(
        "models.IssuedReport", related_name="reader_rows", on_delete=fields.RESTRICT
    )
    issued_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    told_at = fields.DatetimeField()
    reminded_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    read_by = fields.CharField(max_length=16, null=True, description="page, or the channel of the answer")

    class Meta:
        table = "report_reader"
        unique_together = (("issued_id", "person_id"),)

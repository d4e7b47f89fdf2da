"""Sealed files beside statements, and what came in with a message."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.fields import PublicIdField, new_public_id

_FOREIGN: Any = fields.ForeignKeyField
_MOMENT: Any = fields.DatetimeField


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _moment(*, null: bool = False) -> Any:
    return _MOMENT(null=null, auto_now=False, auto_now_add=False)


def _to(model: str, column: str, *, null: bool = False, on_delete: OnDelete = OnDelete.RESTRICT) -> Any:
    return _FOREIGN(model, source_field=column, null=null, db_constraint=True, to_field="id", on_delete=on_delete)


INDEXES = [
    "CREATE UNIQUE INDEX evidence_of_record ON evidence (record_id, file_key) WHERE record_id IS NOT NULL",
    "CREATE UNIQUE INDEX evidence_of_question ON evidence (question_id, file_key) WHERE question_id IS NOT NULL",
    "CREATE INDEX evidence_wanted ON evidence (id) WHERE state = 'wanted'",
]


class Migration(migrations.Migration):
    """Adds files, their chunks, and what an inbound message carried besides its text."""

    dependencies = [("models", "0008_reports")]
    operations = [
        ops.AddField("Inbound", "carried", fields.BinaryField(null=True)),
        ops.AddField("Inbound", "chat_message_id", fields.CharField(null=True, max_length=64)),
        ops.AddField("Message", "deletes", fields.TextField(null=True)),
        ops.CreateModel(
            name="Evidence",
            fields=[
                ("id", _key()),
                ("public_id", PublicIdField(default=new_public_id, unique=True)),
                ("record", _to("models.Record", "record_id", null=True)),
                ("question_id", fields.BigIntField(null=True)),
                ("group", _to("models.KeyGroup", "group_id")),
                ("address", _to("models.Address", "address_id", null=True)),
                ("lane", _to("models.Lane", "lane_id", null=True)),
                ("field", fields.CharField(max_length=32)),
                ("given_by", fields.CharField(max_length=64)),
                ("lang", fields.CharField(max_length=8)),
                ("at", _moment()),
                ("state", fields.CharField(max_length=16)),
                ("provider_file", fields.BinaryField(null=True)),
                ("file_key", fields.CharField(null=True, max_length=64)),
                ("tries", fields.SmallIntField(default=0, db_default=0)),
                ("not_before", _moment(null=True)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("stored_at", _moment(null=True)),
                ("media", fields.CharField(null=True, max_length=32)),
                ("size", fields.IntField(null=True)),
                ("received_hash", fields.CharField(null=True, max_length=64)),
                ("kept_hash", fields.CharField(null=True, max_length=64)),
                ("key", fields.BinaryField(null=True)),
            ],
            options={"table": "evidence", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EvidenceChunk",
            fields=[
                ("id", _key()),
                ("evidence", _to("models.Evidence", "evidence_id", on_delete=OnDelete.CASCADE)),
                ("turn", fields.SmallIntField()),
                ("seq", fields.IntField()),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "evidence_chunk",
                "app": "models",
                "pk_attr": "id",
                "unique_together": (("evidence_id", "turn", "seq"),),
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]

"""Sealed files beside statements, and what came in with a message."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.fields import PublicIdField, new_public_id
from models.migration_columns import key, moment, to

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
                ("id", key()),
                ("public_id", PublicIdField(default=new_public_id, unique=True)),
                ("record", to("models.Record", "record_id", null=True)),
                ("question_id", fields.BigIntField(null=True)),
                ("group", to("models.KeyGroup", "group_id")),
                ("address", to("models.Address", "address_id", null=True)),
                ("lane", to("models.Lane", "lane_id", null=True)),
                ("field", fields.CharField(max_length=32)),
                ("given_by", fields.CharField(max_length=64)),
                ("lang", fields.CharField(max_length=8)),
                ("at", moment()),
                ("state", fields.CharField(max_length=16)),
                ("provider_file", fields.BinaryField(null=True)),
                ("file_key", fields.CharField(null=True, max_length=64)),
                ("tries", fields.SmallIntField(default=0, db_default=0)),
                ("not_before", moment(null=True)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("stored_at", moment(null=True)),
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
                ("id", key()),
                ("evidence", to("models.Evidence", "evidence_id", on_delete=OnDelete.CASCADE)),
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

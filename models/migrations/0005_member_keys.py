"""Private keys of groups, wrapped for their members; texts that are erased once they are said."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.migration_columns import key, moment

_FOREIGN: Any = fields.ForeignKeyField


def _to(model: str, column: str, related: str, *, null: bool = False) -> Any:
    return _FOREIGN(
        model,
        source_field=column,
        null=null,
        db_constraint=True,
        to_field="id",
        on_delete=OnDelete.RESTRICT,
        related_name=related,
    )


SAY_WHAT_IS_SEALED = "('T-REPLIED', 'T-NEED-INFO', 'T-PASSED', 'T-EXTENDED')"
"""The texts of the kinds that came with the first versions, in which a value of a sealed field stands."""


class Migration(migrations.Migration):
    """Adds what keeps the keys of groups behind the passphrases of their members."""

    dependencies = [("models", "0004_checkpoints")]
    operations = [
        ops.AddField("Account", "public_key", fields.BinaryField(null=True)),
        ops.AddField("Account", "private_key", fields.BinaryField(null=True)),
        ops.AddField("ConsoleSession", "private_key", fields.BinaryField(null=True)),
        ops.AddField("KeyGroup", "recovery_key", fields.BinaryField(null=True)),
        ops.AddField("Inbound", "till_read", fields.BooleanField(default=False, db_default=False)),
        ops.AddField("Message", "fleeting", fields.BooleanField(default=False, db_default=False)),
        ops.CreateModel(
            name="GroupMember",
            fields=[
                ("id", key()),
                ("group", _to("models.KeyGroup", "group_id", "members")),
                ("account", _to("models.Account", "account_id", "memberships")),
                ("sealed_key", fields.BinaryField()),
                ("added_at", moment()),
                ("added_by", _to("models.Account", "added_by_id", "admissions", null=True)),
            ],
            options={
                "table": "group_member",
                "app": "models",
                "pk_attr": "id",
                "unique_together": (("group_id", "account_id"),),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryKey",
            fields=[("id", key()), ("public_key", fields.BinaryField()), ("made_at", moment())],
            options={"table": "recovery_key", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunSQL(
            [
                f"UPDATE message SET fleeting = TRUE WHERE text_key IN {SAY_WHAT_IS_SEALED}",
                "CREATE INDEX message_fleeting ON message (id) WHERE fleeting AND body IS NOT NULL",
                "CREATE INDEX group_member_of_account ON group_member (account_id)",
            ]
        ),
    ]

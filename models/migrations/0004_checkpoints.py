"""Signed heads of the ledger, append-only like its entries."""

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

SQLITE_TRIGGERS = [
    "CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
]
POSTGRES_TRIGGERS = [
    "CREATE TRIGGER ledger_checkpoint_no_change BEFORE UPDATE OR DELETE ON ledger_checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
    "CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()",
]


async def _create_triggers(_apps: Any, editor: Any) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in POSTGRES_TRIGGERS if dialect == "postgres" else SQLITE_TRIGGERS:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Adds checkpoints."""

    dependencies = [("models", "0003_sending")]
    operations = [
        ops.CreateModel(
            name="LedgerCheckpoint",
            fields=[
                ("size", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("frontier", fields.BinaryField()),
                ("note", fields.TextField(unique=False)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "ledger_checkpoint", "app": "models", "pk_attr": "size"},
            bases=["Model"],
        ),
        ops.RunPython(_create_triggers),
    ]

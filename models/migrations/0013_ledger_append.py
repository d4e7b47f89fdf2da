"""One statement appends to the ledger, also on SQLite: a view whose trigger writes entry, detail and head."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

SQLITE = [
    "CREATE VIEW ledger_append AS SELECT e.seq, e.at, e.event, e.record_id, e.actor, e.commitment, e.leaf, d.salt, "
    "d.detail, h.log_id, h.root AS root_before, h.frontier, h.root FROM ledger_entry e "
    "JOIN ledger_detail d ON d.seq = e.seq JOIN ledger_head h ON h.id = 1",
    "CREATE TRIGGER ledger_append_insert INSTEAD OF INSERT ON ledger_append BEGIN "
    "SELECT RAISE(ABORT, 'the head has moved') WHERE NOT EXISTS (SELECT 1 FROM ledger_head WHERE id = 1 "
    "AND log_id = NEW.log_id AND size = NEW.seq AND root = NEW.root_before); "
    "INSERT INTO ledger_entry (seq, at, event, record_id, actor, commitment, leaf) "
    "VALUES (NEW.seq, NEW.at, NEW.event, NEW.record_id, NEW.actor, NEW.commitment, NEW.leaf); "
    "INSERT INTO ledger_detail (seq, salt, detail) VALUES (NEW.seq, NEW.salt, NEW.detail); "
    "UPDATE ledger_head SET size = NEW.seq + 1, frontier = NEW.frontier, root = NEW.root WHERE id = 1; END",
]


async def _create(_apps: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "postgres":
        for statement in SQLITE:
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Adds the view."""

    dependencies = [("models", "0012_retention")]
    operations = [ops.RunPython(_create)]

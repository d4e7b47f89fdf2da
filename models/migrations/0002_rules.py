"""Indexes that serve the queues, and the triggers that keep the ledger append-only."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX message_queue ON message (channel, priority, id) WHERE state = 'queued'",
    "CREATE INDEX message_sending ON message (id) WHERE state = 'sending'",
    "CREATE INDEX message_unknown ON message (id) WHERE state = 'unknown'",
    "CREATE INDEX message_by_run ON message (run_id, state)",
    "CREATE INDEX message_by_address ON message (address_id, id)",
    "CREATE INDEX message_by_person ON message (person_id, id)",
    "CREATE INDEX attempt_by_message ON attempt (message_id)",
    "CREATE INDEX attempt_by_provider ON attempt (provider_id) WHERE provider_id IS NOT NULL",
    "CREATE INDEX attempt_open ON attempt (lane_id, id) WHERE outcome IS NULL",
    "CREATE INDEX inbound_new ON inbound (id) WHERE state = 'new'",
    "CREATE INDEX inbound_by_address ON inbound (address_id, id)",
    "CREATE INDEX inbound_for_person ON inbound (id) WHERE for_person",
    "CREATE INDEX open_question_stack ON open_question (address_id, asked_at, id) WHERE closed_at IS NULL",
    "CREATE INDEX open_question_about ON open_question (kind, ref_id, person_id) WHERE closed_at IS NULL",
    "CREATE UNIQUE INDEX open_question_ack ON open_question (message_key) WHERE kind = 'ack'",
    "CREATE INDEX record_by_kind ON record (kind, state, id)",
    "CREATE INDEX record_by_unit ON record (unit_id, kind)",
    "CREATE INDEX record_due ON record (due_at) WHERE closed_at IS NULL",
    "CREATE INDEX record_moves ON record (moves_at) WHERE moves_at IS NOT NULL",
    "CREATE INDEX record_match_by_hash ON record_match (hash, field)",
    "CREATE INDEX schedule_due ON schedule (next_due_at) WHERE next_due_at IS NOT NULL",
    "CREATE INDEX run_by_campaign ON run (campaign_id)",
    "CREATE INDEX run_open ON run (state, id)",
    "CREATE INDEX address_by_person ON address (person_id)",
    "CREATE INDEX person_by_unit ON person (unit_id)",
    "CREATE UNIQUE INDEX grant_once ON grant_ (person_id, role, COALESCE(scope_id, 0))",
    "CREATE INDEX one_time_code_open ON one_time_code (address_id) WHERE used_at IS NULL",
    "CREATE INDEX console_session_by_account ON console_session (account_id)",
    "CREATE INDEX campaign_act_by_campaign ON campaign_act (campaign_id, id)",
]

SQLITE_TRIGGERS = [
    "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
]

POSTGRES_TRIGGERS = [
    "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    "CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry "
    "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
    "CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()",
]


async def _create_triggers(_apps: Any, editor: Any) -> None:
    dialect = editor.client.capabilities.dialect
    for statement in POSTGRES_TRIGGERS if dialect == "postgres" else SQLITE_TRIGGERS:
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Adds indexes and triggers to the tables of 0001."""

    dependencies = [("models", "0001_initial")]
    operations = [ops.RunSQL(INDEXES), ops.RunPython(_create_triggers)]

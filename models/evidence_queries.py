"""Named queries about files of records: handed out once, kept by compare-and-set, written in small parts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql


async def claim(now: datetime, until: datetime) -> dict[str, Any] | None:
    """Take the oldest file that is wanted and not claimed until later; return its row with this try counted."""
    locked = " FOR UPDATE SKIP LOCKED" if sql.is_postgres() else ""
    return await sql.row(
        "UPDATE evidence SET tries = tries + 1, not_before = $2 WHERE id = (SELECT id FROM evidence "
        f"WHERE state = 'wanted' AND (not_before IS NULL OR not_before <= $1) ORDER BY id LIMIT 1{locked}) "
        "RETURNING id, group_id, lane_id, provider_file, tries",
        now,
        until,
    )


async def put_off(evidence_id: int, tries: int, not_before: datetime) -> None:
    """Let a file be fetched again at a moment, by whoever claimed it in this try."""
    await sql.execute(
        "UPDATE evidence SET not_before = $3 WHERE id = $1 AND tries = $2 AND state = 'wanted'",
        evidence_id,
        tries,
        not_before,
    )


async def settle(
    evidence_id: int,
    tries: int,
    now: datetime,
    *,
    media: str,
    size: int,
    received_hash: str,
    kept_hash: str,
    key: bytes,
) -> dict[str, Any] | None:
    """Make a wanted file a kept one, by the try that fetched it; return its row, None where another was first."""
    return await sql.row(
        "UPDATE evidence SET state = 'stored', stored_at = $3, media = $4, size = $5, received_hash = $6, "
        "kept_hash = $7, key = $8, provider_file = NULL, not_before = NULL "
        "WHERE id = $1 AND tries = $2 AND state = 'wanted' RETURNING id, public_id, record_id, field, given_by",
        evidence_id,
        tries,
        now,
        media,
        size,
        received_hash,
        kept_hash,
        key,
    )


async def give_up(evidence_id: int, tries: int, state: str, reason: str) -> dict[str, Any] | None:
    """Settle a wanted file as refused or gone; return its row, None where another try settled it."""
    return await sql.row(
        "UPDATE evidence SET state = $3, reason = $4, provider_file = NULL, not_before = NULL "
        "WHERE id = $1 AND tries = $2 AND state = 'wanted' RETURNING id, address_id, record_id, lang",
        evidence_id,
        tries,
        state,
        reason,
    )


async def put_chunk(evidence_id: int, turn: int, seq: int, content: bytes) -> None:
    """Write one part of a file."""
    await sql.execute(
        "INSERT INTO evidence_chunk (evidence_id, turn, seq, content) VALUES ($1, $2, $3, $4)",
        evidence_id,
        turn,
        seq,
        content,
    )


async def drop_other_turns(evidence_id: int, turn: int) -> None:
    """Forget the parts that other tries wrote."""
    await sql.execute("DELETE FROM evidence_chunk WHERE evidence_id = $1 AND turn <> $2", evidence_id, turn)


async def drop_turn(evidence_id: int, turn: int) -> None:
    """Forget the parts of a try that came too late."""
    await sql.execute("DELETE FROM evidence_chunk WHERE evidence_id = $1 AND turn = $2", evidence_id, turn)


async def of_record(record_id: int) -> int:
    """Return how many files of a record are kept or wanted."""
    return int(
        await sql.value(
            "SELECT count(*) FROM evidence WHERE record_id = $1 AND state IN ('wanted', 'stored')", record_id
        )
    )


async def of_question(question_id: int) -> int:
    """Return how many files of a dialog are kept or wanted."""
    return int(
        await sql.value(
            "SELECT count(*) FROM evidence WHERE question_id = $1 AND state IN ('wanted', 'stored')", question_id
        )
    )


async def hold(question_id: int) -> None:
    """Lock the files of a dialog until the transaction ends."""
    if sql.is_postgres():
        await sql.rows("SELECT id FROM evidence WHERE question_id = $1 ORDER BY id FOR UPDATE", question_id)


async def give_to_record(question_id: int, record_id: int) -> list[dict[str, Any]]:
    """Give the files of a dialog to the record that came of it; return those that are kept already."""
    return await _kept(
        await sql.rows(
            "UPDATE evidence SET record_id = $2 WHERE question_id = $1 AND record_id IS NULL "
            "RETURNING id, public_id, field, given_by, state, media, size, received_hash, kept_hash",
            question_id,
            record_id,
        )
    )


async def give_uploads(public_ids: Sequence[str], record_id: int) -> list[dict[str, Any]]:
    """Give uploaded files to a record; those that it had are left out. Return the others."""
    values = sql.Values()
    record = values.put(record_id)
    among = ", ".join(values.put(each) for each in public_ids) or "NULL"
    return await _kept(
        await sql.rows(
            f"UPDATE evidence SET record_id = {record} WHERE public_id IN ({among}) AND record_id IS NULL "
            "AND state = 'stored' RETURNING id, public_id, field, given_by, state, media, size, received_hash, "
            "kept_hash",
            *values.given,
        )
    )


async def _kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((row for row in rows if row["state"] == "stored"), key=lambda row: int(row["id"]))


async def drop_of_question(question_id: int) -> None:
    """Erase the files of a dialog that came to nothing."""
    await sql.execute("DELETE FROM evidence WHERE question_id = $1 AND record_id IS NULL", question_id)


async def drop_orphans(before: datetime, limit: int) -> int:
    """Erase files that belong to nothing: uploads whose act was not done, and dialogs that ended; return how many."""
    rows = await sql.rows(
        "DELETE FROM evidence WHERE id IN (SELECT e.id FROM evidence e WHERE e.record_id IS NULL AND e.at < $1 "
        "AND NOT EXISTS (SELECT 1 FROM open_question q WHERE q.id = e.question_id AND q.closed_at IS NULL) "
        f"ORDER BY e.id LIMIT {int(limit)}) RETURNING id",
        before,
    )
    return len(rows)

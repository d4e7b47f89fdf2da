"""Named queries of issued reports: preparing once, deciding once, who is told, who has not read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql
from models.fields import new_public_id

WAITING, ISSUED, DROPPED = "waiting", "issued", "dropped"


async def prepare(
    report: str, period: str, frozen: bytes, readers: str, cause: str | None, person_id: int | None, now: datetime
) -> tuple[int, str] | None:
    """Insert a prepared report and return (id, public id); None where one of its cause was there already."""
    found = await sql.row(
        "INSERT INTO issued_report"
        " (public_id, report, period, state, frozen, readers, cause, prepared_by_id, prepared_at)"
        f" VALUES ($1, $2, $3, '{WAITING}', $4, $5, $6, $7, $8) ON CONFLICT (cause) DO NOTHING RETURNING id, public_id",
        new_public_id(),
        report,
        period,
        frozen,
        readers,
        cause,
        person_id,
        now,
    )
    return None if found is None else (int(found["id"]), str(found["public_id"]))


async def decide(issued_id: int, state: str, person_id: int, now: datetime, *, by_another: bool) -> bool:
    """Move a waiting report; False where it waits no more, or `by_another` and the person prepared it himself."""
    other = " AND (prepared_by_id IS NULL OR prepared_by_id <> $3)" if by_another else ""
    changed = await sql.execute(
        "UPDATE issued_report SET state = $2, decided_by_id = $3, decided_at = $4"
        f" WHERE id = $1 AND state = '{WAITING}'{other}",
        issued_id,
        state,
        person_id,
        now,
    )
    return changed > 0


async def caused(causes: Sequence[str]) -> set[str]:
    """Return those causes of which a report was prepared already."""
    if not causes:
        return set()
    marks = ", ".join(f"${number}" for number in range(1, 1 + len(causes)))
    return {
        row["cause"] for row in await sql.rows(f"SELECT cause FROM issued_report WHERE cause IN ({marks})", *causes)
    }


async def add_reader(issued_id: int, person_id: int, now: datetime, *, has_read: bool) -> None:
    """Note whom an issued report is for; who prepared or issued it has read it."""
    await sql.execute(
        "INSERT INTO report_reader (issued_id, person_id, told_at, read_at, read_by) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (issued_id, person_id) DO NOTHING",
        issued_id,
        person_id,
        now,
        now if has_read else None,
        "page" if has_read else None,
    )


async def mark_read(issued_id: int, person_id: int, by: str, now: datetime) -> bool:
    """Note the first reading; False where he read it before or it is not for him."""
    changed = await sql.execute(
        "UPDATE report_reader SET read_at = $3, read_by = $4"
        " WHERE issued_id = $1 AND person_id = $2 AND read_at IS NULL",
        issued_id,
        person_id,
        now,
        by,
    )
    return changed > 0


async def close_questions(issued_id: int, person_id: int, now: datetime) -> None:
    """Close what a reader is still asked to acknowledge."""
    await sql.execute(
        "UPDATE open_question SET closed_at = $3, outcome = 'answered' WHERE kind = 'read' AND topic = 'report'"
        " AND ref_id = $1 AND person_id = $2 AND closed_at IS NULL",
        issued_id,
        person_id,
        now,
    )


async def readers_of(issued_id: int) -> list[dict[str, Any]]:
    """Return (person_id, told_at, reminded_at, read_at, read_by) of the readers, those who have not read first."""
    found = await sql.rows(
        "SELECT person_id, told_at, reminded_at, read_at, read_by FROM report_reader WHERE issued_id = $1"
        " ORDER BY CASE WHEN read_at IS NULL THEN 0 ELSE 1 END, person_id",
        issued_id,
    )
    return [row | {name: sql.as_time(row[name]) for name in ("told_at", "reminded_at", "read_at")} for row in found]


async def to_remind(limit: int) -> list[dict[str, Any]]:
    """Return (id, issued_id, person_id, told_at) of readers who have not read and were not reminded, the longest
    told first."""
    found = await sql.rows(
        "SELECT r.id, r.issued_id, r.person_id, r.told_at FROM report_reader r"
        " WHERE r.read_at IS NULL AND r.reminded_at IS NULL ORDER BY r.told_at, r.id LIMIT $1",
        limit,
    )
    return [row | {"told_at": sql.as_time(row["told_at"])} for row in found]


async def mark_reminded(reader_id: int, now: datetime) -> bool:
    """Note that a reader was reminded; False where somebody did it meanwhile or he has read."""
    changed = await sql.execute(
        "UPDATE report_reader SET reminded_at = $2 WHERE id = $1 AND reminded_at IS NULL AND read_at IS NULL",
        reader_id,
        now,
    )
    return changed > 0


_LISTED = (
    "SELECT i.id, i.public_id, i.report, i.period, i.state, i.prepared_at, i.decided_at, i.prepared_by_id,"
    " (SELECT count(*) FROM report_reader r WHERE r.issued_id = i.id) AS readers,"
    " (SELECT count(*) FROM report_reader r WHERE r.issued_id = i.id AND r.read_at IS NULL) AS unread"
    " FROM issued_report i"
)


async def listed(state: str, limit: int) -> list[dict[str, Any]]:
    """Return prepared reports in a state, newest first, each with how many readers it has and how many are left."""
    return [
        _row(row) for row in await sql.rows(f"{_LISTED} WHERE i.state = $1 ORDER BY i.id DESC LIMIT $2", state, limit)
    ]


async def sent_to(person_id: int, limit: int) -> list[dict[str, Any]]:
    """Return what was issued to a person, what he has not read first, each with `read_at`."""
    found = await sql.rows(
        "SELECT i.id, i.public_id, i.report, i.period, i.state, i.prepared_at, i.decided_at, r.read_at"
        " FROM report_reader r JOIN issued_report i ON i.id = r.issued_id WHERE r.person_id = $1"
        " ORDER BY CASE WHEN r.read_at IS NULL THEN 0 ELSE 1 END, i.id DESC LIMIT $2",
        person_id,
        limit,
    )
    return [_row(row) | {"read_at": sql.as_time(row["read_at"])} for row in found]


async def is_for(issued_id: int, person_id: int) -> bool:
    """Return whether an issued report is for a person."""
    query = "SELECT count(*) AS n FROM report_reader WHERE issued_id = $1 AND person_id = $2"
    return bool(await sql.value(query, issued_id, person_id))


async def unread_reports() -> int:
    """Return how many issued reports somebody has not read."""
    return int(await sql.value("SELECT count(DISTINCT issued_id) AS n FROM report_reader WHERE read_at IS NULL"))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: sql.as_time(row[name]) for name in ("prepared_at", "decided_at")}

"""Named queries about monthly returns: who is asked, the entries of a month, the roll, who is silent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models import sql
from models.audience_queries import Between, chosen
from models.returns import ReturnMonth
from models.sql import Values

FOLLOWED = "returns.followed"
WAITING = ("open", "overdue")
"""The states in which a return waits for its answer."""


async def begun() -> datetime | None:
    """Return when this installation began to keep records, None before it did."""
    return sql.as_time(await sql.value("SELECT MIN(created_at) AS at FROM key_group"))


async def open_month(period: str, due_at: datetime, now: datetime) -> bool:
    """Insert a month whose return is to be asked for; False where it is there already."""
    return bool(
        await sql.execute(
            "INSERT INTO return_month (period, opened_at, due_at) VALUES ($1, $2, $3) ON CONFLICT (period) DO NOTHING",
            period,
            now,
            due_at,
        )
    )


async def hold_month(month_id: int) -> int | None:
    """Hold a month until the transaction ends and return up to which person it is opened.

    None where everybody was asked, or another process holds it.
    """
    held = " FOR NO KEY UPDATE SKIP LOCKED" if sql.is_postgres() else ""
    found = await sql.value(f"SELECT opened_to FROM return_month WHERE id = $1 AND complete_at IS NULL{held}", month_id)
    return None if found is None else int(found)


async def to_ask(after: int, size: int, next_month: date) -> list[dict[str, Any]]:
    """Return the next staff in the order of their ids who owe a return, each with his best address or none.

    Rows of (person_id, status, lang, address_id, channel, reason). Who came into his post after the month does not owe.
    """
    values = Values()
    owing = (
        "FROM person p WHERE p.kind = 'staff' AND p.status IN ('active', 'leave') AND p.monthly_report "
        f"AND p.id > {values.put(after, 'bigint')} "
        f"AND (p.in_post_since IS NULL OR p.in_post_since < {values.put(next_month, 'date')}) "
        f"ORDER BY p.id LIMIT {int(size)}"
    )
    ids = [int(row["id"]) for row in await sql.rows(f"SELECT p.id {owing}", *values.given)]
    if not ids:
        return []
    values = Values()
    people = (
        f"SELECT p.id, p.staff_no, p.unit_id, p.lang, p.preferred_channel FROM person p WHERE p.id IN ({sql.ids(ids)})"
    )
    rule = chosen(people, None, values, Between(ids[0] - 1, ids[-1]))
    return await sql.rows(
        f"{rule} SELECT c.person_id, s.status, c.lang, c.address_id, c.channel, c.reason "
        "FROM chosen c JOIN person s ON s.id = c.person_id ORDER BY c.person_id",
        *values.given,
    )


async def asked_to(month_id: int, person_id: int) -> None:
    """Keep that a month is opened up to a person."""
    await sql.execute("UPDATE return_month SET opened_to = $2 WHERE id = $1", month_id, person_id)


async def asked_all(month_id: int, now: datetime) -> None:
    """Keep that everybody was asked."""
    await sql.execute("UPDATE return_month SET complete_at = $2 WHERE id = $1", month_id, now)


async def unfinished_months() -> list[ReturnMonth]:
    """Return the months in which not everybody was asked yet, the oldest first."""
    return await ReturnMonth.filter(complete_at=None).order_by("period")


async def move_due(month_id: int, before: datetime, due_at: datetime, now: datetime) -> bool:
    """Keep a new due moment and let the clock look again at every return that waits; False where somebody else did."""
    changed = "UPDATE return_month SET due_at = $3 WHERE id = $1 AND due_at = $2"
    if not await sql.execute(changed, month_id, before, due_at):
        return False
    await sql.execute(
        f"UPDATE record SET moves_at = $2 WHERE state IN ({sql.words(WAITING)}) "
        "AND id IN (SELECT record_id FROM monthly_return WHERE month_id = $1)",
        month_id,
        now,
    )
    return True


async def entries(mark: str, period: str, dates: Mapping[str, str]) -> list[str]:
    """Return the numbers of a person's entries that happened in a month, the first filed first.

    `dates` maps the kinds that are entries to their date; `mark` is the keyed hash of the owner.
    """
    values = Values()
    owner, like = values.put(mark), values.put(f"{period}-%")
    parts = [f"(r.kind = {values.put(kind)} AND {_fact(day)} LIKE {like})" for kind, day in dates.items()]
    found = await sql.rows(
        "SELECT r.number FROM record_match m JOIN record r ON r.id = m.record_id "
        f"WHERE m.hash = {owner} AND m.field = '@owner' AND ({' OR '.join(parts)}) ORDER BY r.id",
        *values.given,
    )
    return [str(row["number"]) for row in found]


def _fact(name: str) -> str:
    """A clear fact of the record `r`; the name stands in a file of ours."""
    return f"(r.facts::json ->> '{name}')"


async def return_of(mark: str, period: str) -> int | None:
    """Return the record of a person's return for a month, None where he was not asked."""
    found = await sql.value(
        "SELECT m.record_id FROM monthly_return m JOIN return_month t ON t.id = m.month_id "
        "WHERE m.mark = $1 AND t.period = $2",
        mark,
        period,
    )
    return None if found is None else int(found)


async def waiting_of(mark: str) -> list[dict[str, Any]]:
    """Return (record_id, period) of a person's returns that wait for an answer, the newest month first."""
    return await sql.rows(
        "SELECT m.record_id, t.period FROM monthly_return m JOIN return_month t ON t.id = m.month_id "
        f"JOIN record r ON r.id = m.record_id WHERE m.mark = $1 AND r.state IN ({sql.words(WAITING)}) "
        "ORDER BY t.period DESC",
        mark,
    )


async def periods() -> list[str]:
    """Return the months that were opened, the newest first."""
    return [str(row["period"]) for row in await sql.rows("SELECT period FROM return_month ORDER BY period DESC")]


async def roll(period: str) -> list[dict[str, Any]]:
    """Return (unit_id, state, amended, n) of the returns of a month, grouped; `amended` is 'true' or 'false'."""
    return await sql.rows(
        f"SELECT r.unit_id, r.state, {_fact('amended')} AS amended, COUNT(*) AS n FROM return_month t "
        "JOIN monthly_return m ON m.month_id = t.id JOIN record r ON r.id = m.record_id "
        f"WHERE t.period = $1 GROUP BY r.unit_id, r.state, {_fact('amended')}",
        period,
    )


async def of_units(period: str, unit_ids: Iterable[int], states: Sequence[str], most: int) -> list[dict[str, Any]]:
    """Return (public_id, unit_id, state, handles) of the returns of units in some states, so many at most."""
    return await sql.rows(
        "SELECT r.public_id, r.unit_id, r.state, r.handles FROM return_month t "
        "JOIN monthly_return m ON m.month_id = t.id JOIN record r ON r.id = m.record_id "
        f"WHERE t.period = $1 AND r.unit_id IN ({sql.ids(unit_ids)}) AND r.state IN ({sql.words(states)}) "
        f"ORDER BY r.unit_id, r.id LIMIT {int(most)}",
        period,
    )


async def units_with_entries(first: str, last: str) -> list[dict[str, Any]]:
    """Return (unit_id, answered, with_entries, months) of the returns from a month to a month.

    `answered` counts the answers, `with_entries` those with entries or amended, `months` the months with an answer.
    """
    return await sql.rows(
        "SELECT r.unit_id, COUNT(*) AS answered, "
        f"SUM(CASE WHEN {_fact('answer')} = 'has_entries' OR {_fact('amended')} = 'true' THEN 1 ELSE 0 END) "
        "AS with_entries, COUNT(DISTINCT t.period) AS months, COUNT(DISTINCT m.mark) AS persons FROM return_month t "
        "JOIN monthly_return m ON m.month_id = t.id JOIN record r ON r.id = m.record_id "
        f"WHERE t.period >= $1 AND t.period <= $2 AND {_fact('answer')} IN ('zero', 'has_entries') GROUP BY r.unit_id",
        first,
        last,
    )


async def is_behind() -> bool:
    """Return whether the ledger has entries that returns did not follow, or was never followed."""
    found = await sql.row(
        "SELECT COALESCE((SELECT MAX(size) FROM ledger_head), 0) AS size, "
        "(SELECT value FROM service_stamp WHERE name = $1) AS followed",
        FOLLOWED,
    )
    assert found is not None
    return found["followed"] is None or int(found["followed"]) < int(found["size"])


async def followed() -> int | None:
    """Return up to which entry of the ledger returns have followed it, held until the transaction ends.

    None where nothing was followed yet, or another process is following.
    """
    held = " FOR UPDATE SKIP LOCKED" if sql.is_postgres() else ""
    found = await sql.value(f"SELECT value FROM service_stamp WHERE name = $1{held}", FOLLOWED)
    return None if found is None else int(found)


async def begin_following() -> bool:
    """Begin to follow the ledger at its end; False where that was done before."""
    return bool(
        await sql.execute(
            "INSERT INTO service_stamp (name, value) SELECT $1::text, COALESCE(MAX(size), 0)::text "
            "FROM ledger_head WHERE TRUE ON CONFLICT (name) DO NOTHING",
            FOLLOWED,
        )
    )


async def keep_followed(size: int) -> None:
    """Keep how many entries of the ledger were followed."""
    await sql.execute("UPDATE service_stamp SET value = $2 WHERE name = $1", FOLLOWED, str(size))


async def changed_records(since: int, kinds: Sequence[str], most: int) -> tuple[int, list[int]]:
    """Return up to which entry the next slice of the ledger reaches, and the records of some kinds filed or amended."""
    rows = await sql.rows(
        "SELECT e.seq, e.event, e.record_id, r.kind FROM ledger_entry e LEFT JOIN record r ON r.id = e.record_id "
        f"WHERE e.seq >= $1 ORDER BY e.seq LIMIT {int(most)}",
        since,
    )
    reached = int(rows[-1]["seq"]) + 1 if rows else since
    found = [row["record_id"] for row in rows if row["event"] in ("filed", "amended") and row["kind"] in kinds]
    return reached, list(dict.fromkeys(int(each) for each in found))

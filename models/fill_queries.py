"""Named queries that turn a run into message rows, one slice of its persons after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import sql
from models.audience_queries import Between, Scope, chosen, end_of_slice, staff, to_chase
from models.sql import Values
from models.states import RunState


@dataclass(frozen=True, slots=True)
class Filling:
    """What a fill needs to know: the run, who, the moment, and the buttons (JSON) by language."""

    run_id: int
    round: int
    category: str
    priority: int
    asks_consent: str | None
    scope: Scope
    chase_of: int | None
    now: datetime
    expires_at: datetime
    buttons: Sequence[tuple[str, str]]


async def hold_for_filling(run_id: int) -> int | None:
    """Hold a run until the transaction ends, and return up to which person it is filled.

    None where it is not to be filled: its campaign is not active, it is further, or another process holds it.
    """
    held = " FOR NO KEY UPDATE SKIP LOCKED" if sql.is_postgres() else ""
    found = await sql.value(
        "SELECT r.filled_to FROM campaign c JOIN run r ON r.campaign_id = c.id "
        f"WHERE r.id = $1 AND r.state IN ('due', 'filling') AND c.state = 'active'{held}",
        run_id,
    )
    return None if found is None else int(found)


async def next_slice(filling: Filling, after: int, size: int) -> Between:
    """Return the slice of about `size` persons after a person; the last one has no upper end."""
    scope = filling.scope if filling.chase_of is None else None
    return Between(after, await end_of_slice(scope, after, size))


async def last_message_id() -> int:
    """Return the highest id of a message, 0 where there is none."""
    return int(await sql.value("SELECT COALESCE(MAX(id), 0) AS id FROM message"))


async def fill(filling: Filling, within: Between) -> None:
    """Insert one message for each person of a slice of a run with one statement.

    Those who are not written to have their row too, suppressed with the reason, so that planned = rows. Repeating it
    adds nothing: the dedupe key is unique.
    """
    values = Values()
    statement = _insert(filling, within, values)
    await sql.execute(statement, *values.given)


def _insert(filling: Filling, within: Between, values: Values) -> str:
    chase = filling.chase_of
    people = staff(filling.scope, "active", values, within) if chase is None else to_chase(chase, values, within)
    rule = chosen(people, filling.asks_consent, values, within)
    run, now = values.put(filling.run_id, "bigint"), values.put(filling.now, "timestamptz")
    return (
        "INSERT INTO message (dedupe_key, channel, address_id, person_id, run_id, category, priority, lang, buttons, "
        f"state, reason, queued_at, state_at, expires_at, tries, segments) {rule} "
        f"SELECT 'run:{int(filling.run_id)}:' || c.person_id || ':' || c.channel || ':{int(filling.round)}', "
        f"c.channel, c.address_id, c.person_id, {run}, {values.put(filling.category, 'text')}, "
        f"{int(filling.priority)}, c.lang, {_buttons(filling, values)}, "
        f"CASE WHEN c.reason IS NULL THEN 'queued' ELSE 'suppressed' END, c.reason, {now}, {now}, "
        f"{values.put(filling.expires_at, 'timestamptz')}, 0, CASE WHEN c.channel = 'sms' THEN t.segments END "
        # CROSS: SQLite would read all persons once for each language otherwise
        f"FROM chosen c CROSS JOIN run_text t WHERE t.run_id = {run} AND t.lang = c.lang "
        "ON CONFLICT (dedupe_key) DO NOTHING"
    )


def _buttons(filling: Filling, values: Values) -> str:
    if not filling.buttons:
        return "NULL"
    when = " ".join(f"WHEN {values.put(lang)} THEN {values.put(buttons)}" for lang, buttons in filling.buttons)
    return f"CASE WHEN c.channel = 'telegram' AND c.reason IS NULL THEN CASE c.lang {when} END END"


async def ask_for_acknowledgement(filling: Filling, after: int, expires_at: datetime) -> None:
    """Insert one open question, about the first round's run, for each queued message with an id above `after`."""
    await sql.execute(
        "INSERT INTO open_question (address_id, person_id, kind, ref_id, topic, message_key, asked_at, expires_at) "
        "SELECT m.address_id, m.person_id, 'ack', $2::bigint, '', m.dedupe_key, $3::timestamptz, $4::timestamptz "
        # + keeps a planner from reading all that is filled already, by the index of runs
        "FROM message m WHERE m.id > $5 AND +m.run_id = $1 AND m.state = 'queued' "
        "ON CONFLICT (message_key) WHERE kind = 'ack' DO NOTHING",
        filling.run_id,
        filling.run_id if filling.chase_of is None else filling.chase_of,
        filling.now,
        expires_at,
        after,
    )


async def move_on(run_id: int, within: Between, now: datetime) -> None:
    """Keep that a slice is filled; the last one makes the run sending."""
    done = within.to is None
    values: list[Any] = [run_id, str(RunState.SENDING if done else RunState.FILLING), now if done else None]
    await sql.execute(
        "UPDATE run SET state = $2, filled_at = $3::timestamptz, filled_to = COALESCE($4::bigint, filled_to) "
        "WHERE id = $1",
        *values,
        within.to,
    )

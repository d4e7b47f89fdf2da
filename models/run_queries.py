"""Named queries about audiences, runs, their filling, counting and acknowledging.

Who gets a run is decided in one place, `_chosen`: the preview reads it, the fill inserts from it, so that both agree.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import sql
from models.states import Reason

REACHED = ("accepted", "sent", "delivered", "read")
NOT_SAID = ("queued", "suppressed", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Scope:
    """An audience as ids: units with their sub-units already in it, and post classes. None means every one."""

    unit_ids: frozenset[int] | None
    post_classes: tuple[str, ...] | None


class _Values:
    """The values of a statement in the making; `put` returns the placeholder of a value."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def put(self, value: Any, cast: str = "") -> str:
        self.given.append(value)
        return f"${len(self.given)}{'::' + cast if cast else ''}"


def _ids(ids: Iterable[int]) -> str:
    return ", ".join(str(int(each)) for each in sorted(ids)) or "NULL"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _staff(scope: Scope, status: str, values: _Values) -> str:
    """Staff with a status in a scope, as rows of (id, lang, preferred_channel …)."""
    where = ["p.kind = 'staff'", f"p.status = {values.put(status)}"]
    if scope.unit_ids is not None:
        where.append(f"p.unit_id IN ({_ids(scope.unit_ids)})")
    if scope.post_classes is not None:
        classes = ", ".join(values.put(each) for each in scope.post_classes) or "NULL"
        where.append(f"p.post_class IN ({classes})")
    return f"SELECT p.id, p.lang, p.preferred_channel FROM person p WHERE {' AND '.join(where)}"


def _to_chase(first_run_id: int, values: _Values) -> str:
    """Staff still here whom a first round reached and who have not acknowledged it."""
    run = values.put(first_run_id)
    return (
        "SELECT p.id, p.lang, p.preferred_channel FROM message m JOIN person p ON p.id = m.person_id "
        f"WHERE m.run_id = {run} AND m.state IN ({_words(REACHED)}) AND p.status = 'active' AND NOT EXISTS "
        f"(SELECT 1 FROM acknowledgement k WHERE k.run_id = {run} AND k.person_id = p.id)"
    )


def _chosen(people: str, asks_consent: str | None, values: _Values) -> str:
    """One row a person: his address (the preferred channel, else the other), or the reason why there is none.

    `asks_consent` is the category whose opt-out holds it back, None where none does.
    """
    said = values.put(asks_consent) + "::text"
    return f"""WITH ranked AS (
  SELECT p.id AS person_id, p.lang, p.preferred_channel, a.id AS address_id, a.channel, a.bad_at, ROW_NUMBER() OVER (
    PARTITION BY p.id ORDER BY CASE WHEN a.bad_at IS NULL THEN 0 ELSE 1 END,
      CASE WHEN a.channel = p.preferred_channel THEN 0 ELSE 1 END,
      CASE WHEN a.channel = 'telegram' THEN 0 ELSE 1 END, a.verified_at DESC, a.id DESC) AS place
  FROM ({people}) p LEFT JOIN address a ON a.person_id = p.id AND a.verified_at IS NOT NULL),
chosen AS (
  SELECT r.person_id, r.lang, r.address_id, COALESCE(r.channel, r.preferred_channel, 'sms') AS channel,
    CASE WHEN r.address_id IS NULL THEN '{Reason.NO_ADDRESS}'
      WHEN EXISTS (SELECT 1 FROM consent c WHERE c.address_id = r.address_id AND NOT c.given
        AND c.category = {said}) THEN '{Reason.OPTED_OUT}'
      WHEN r.bad_at IS NOT NULL THEN '{Reason.BAD_ADDRESS}' END AS reason
  FROM ranked r WHERE r.place = 1)"""


async def audience(scope: Scope, asks_consent: str | None) -> list[dict[str, Any]]:
    """Return everybody in an audience today: person_id, staff_no, unit_id, lang, channel, reason (None: is written
    to)."""
    values = _Values()
    chosen = _chosen(_staff(scope, "active", values), asks_consent, values)
    return await sql.rows(
        f"{chosen} SELECT c.person_id, p.staff_no, p.unit_id, c.lang, c.channel, c.reason "
        "FROM chosen c JOIN person p ON p.id = c.person_id ORDER BY p.staff_no, p.id",
        *values.given,
    )


async def on_leave(scope: Scope) -> list[dict[str, Any]]:
    """Return those whom the rule names but who are on leave: they are no part of the audience."""
    values = _Values()
    people = _staff(scope, "leave", values)
    return await sql.rows(
        f"WITH people AS ({people}) SELECT p.id AS person_id, p.staff_no, p.unit_id, p.lang "
        "FROM people q JOIN person p ON p.id = q.id ORDER BY p.staff_no, p.id",
        *values.given,
    )


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


async def fill(filling: Filling) -> int:
    """Insert one message for each person of a run with one statement; return how many were new.

    Those who are not written to have their row too, suppressed with the reason, so that planned = rows. Repeating it
    adds
    nothing: the dedupe key is unique.
    """
    values = _Values()
    chase = filling.chase_of
    people = _staff(filling.scope, "active", values) if chase is None else _to_chase(chase, values)
    chosen = _chosen(people, filling.asks_consent, values)
    run, now = values.put(filling.run_id, "bigint"), values.put(filling.now, "timestamptz")
    when = " ".join(f"WHEN {values.put(lang)} THEN {values.put(buttons)}" for lang, buttons in filling.buttons)
    buttons = f"CASE c.lang {when} END" if when else "NULL"
    tail = f"':{int(filling.round)}'"
    return await sql.execute(
        "INSERT INTO message (dedupe_key, channel, address_id, person_id, run_id, category, priority, lang, buttons, "
        f"state, reason, queued_at, state_at, expires_at, tries, segments) {chosen} "
        f"SELECT 'run:' || {int(filling.run_id)} || ':' || c.person_id || ':' || c.channel || {tail}, "
        f"c.channel, c.address_id, c.person_id, {run}, {values.put(filling.category, 'text')}, "
        f"{int(filling.priority)}, t.lang, CASE WHEN c.channel = 'telegram' AND c.reason IS NULL THEN {buttons} END, "
        f"CASE WHEN c.reason IS NULL THEN 'queued' ELSE 'suppressed' END, c.reason, {now}, {now}, "
        f"{values.put(filling.expires_at, 'timestamptz')}, 0, "
        "CASE WHEN c.channel = 'sms' THEN t.segments END "
        f"FROM chosen c JOIN run_text t ON t.run_id = {run} AND t.lang = c.lang "
        "WHERE TRUE ON CONFLICT (dedupe_key) DO NOTHING",
        *values.given,
    )


async def ask_for_acknowledgement(run_id: int, asked_about: int, now: datetime, expires_at: datetime) -> int:
    """Insert one open question for each queued message of a run; `asked_about` is the first round's run."""
    return await sql.execute(
        "INSERT INTO open_question (address_id, person_id, kind, ref_id, topic, message_key, asked_at, expires_at) "
        "SELECT m.address_id, m.person_id, 'ack', $2::bigint, '', m.dedupe_key, $3::timestamptz, $4::timestamptz "
        "FROM message m WHERE m.run_id = $1 AND m.state = 'queued' "
        "ON CONFLICT (message_key) WHERE kind = 'ack' DO NOTHING",
        run_id,
        asked_about,
        now,
        expires_at,
    )


async def make_run(values: Sequence[Any]) -> int | None:
    """Insert a run and return its id; None where this due moment and round has one already.

    Values: public_id, campaign_id, schedule_id, due_at, round, state, category, ack, audience (a JSON value).
    """
    found = await sql.rows(
        "INSERT INTO run (public_id, campaign_id, schedule_id, due_at, round, state, category, ack, audience) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (schedule_id, due_at, round) DO NOTHING RETURNING id",
        *values[:-1],
        json.dumps(values[-1], ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    )
    return int(found[0]["id"]) if found else None


async def due_schedules(now: datetime, limit: int) -> list[dict[str, Any]]:
    """Return (schedule_id, campaign_id) of approved campaigns whose moment has come, the earliest first."""
    return await sql.rows(
        "SELECT s.id AS schedule_id, s.campaign_id FROM schedule s JOIN campaign c ON c.id = s.campaign_id "
        "WHERE s.next_due_at <= $1 AND c.state = 'approved' ORDER BY s.next_due_at, s.id LIMIT $2",
        now,
        limit,
    )


async def next_due() -> datetime | None:
    """Return the earliest moment at which an approved campaign falls due."""
    return sql.as_time(
        await sql.value(
            "SELECT MIN(s.next_due_at) AS due FROM schedule s JOIN campaign c ON c.id = s.campaign_id "
            "WHERE s.next_due_at IS NOT NULL AND c.state = 'approved'"
        )
    )


async def runs_without_open_messages(limit: int) -> list[int]:
    """Return runs that are sending and have nothing left to say; `unknown` is not open, it is settled apart."""
    found = await sql.rows(
        "SELECT r.id FROM run r WHERE r.state = 'sending' AND NOT EXISTS (SELECT 1 FROM message m "
        "WHERE m.run_id = r.id AND m.state IN ('queued', 'sending')) ORDER BY r.id LIMIT $1",
        limit,
    )
    return [int(row["id"]) for row in found]


async def campaigns_run_out() -> list[int]:
    """Return active campaigns all of whose runs are over."""
    found = await sql.rows(
        "SELECT c.id FROM campaign c WHERE c.state = 'active' AND NOT EXISTS (SELECT 1 FROM run r "
        "WHERE r.campaign_id = c.id AND r.state NOT IN ('finished', 'cancelled')) ORDER BY c.id"
    )
    return [int(row["id"]) for row in found]


async def anybody_waiting(campaign_id: int) -> bool:
    """Return whether somebody was reached by a first round of a campaign and has not acknowledged it."""
    found = await sql.value(
        "SELECT 1 AS one FROM message m JOIN run r ON r.id = m.run_id WHERE r.campaign_id = $1 AND r.round = 1 "
        f"AND m.state IN ({_words((*REACHED, 'unknown'))}) AND NOT EXISTS "
        "(SELECT 1 FROM acknowledgement k WHERE k.run_id = r.id AND k.person_id = m.person_id) LIMIT 1",
        campaign_id,
    )
    return found is not None


async def people_to_chase(first_run_id: int) -> int:
    """Return how many a first round reached who are still here and have not acknowledged."""
    values = _Values()
    people = _to_chase(first_run_id, values)
    return int(await sql.value(f"SELECT COUNT(*) AS n FROM ({people}) people", *values.given))


async def cancel_queued(run_ids: Sequence[int], now: datetime) -> int:
    """Cancel what these runs have not begun to send; return how many messages that were."""
    return await sql.execute(
        f"UPDATE message SET state = 'cancelled', reason = '{Reason.RUN_CANCELLED}', state_at = $1 "
        f"WHERE run_id IN ({_ids(run_ids)}) AND state = 'queued'",
        now,
    )


async def counts(run_id: int) -> list[dict[str, Any]]:
    """Return (channel, state, reason, accepted, acked, n, segments) of a run, grouped."""
    return await sql.rows(
        "SELECT m.channel, m.state, m.reason, CASE WHEN m.accepted_at IS NULL THEN 0 ELSE 1 END AS accepted, "
        "CASE WHEN k.id IS NULL THEN 0 ELSE 1 END AS acked, COUNT(*) AS n, COALESCE(SUM(m.segments), 0) AS segments "
        "FROM message m JOIN run r ON r.id = m.run_id "
        "JOIN run f ON f.schedule_id = r.schedule_id AND f.due_at = r.due_at AND f.round = 1 "
        "LEFT JOIN acknowledgement k ON k.run_id = f.id AND k.person_id = m.person_id WHERE m.run_id = $1 "
        "GROUP BY m.channel, m.state, m.reason, CASE WHEN m.accepted_at IS NULL THEN 0 ELSE 1 END, "
        "CASE WHEN k.id IS NULL THEN 0 ELSE 1 END",
        run_id,
    )


async def results(run_id: int, only: str, offset: int, limit: int) -> list[dict[str, Any]]:
    """Return a page of the persons of a run with what became of their message.

    `only`: all, acked, waiting (reached, not acknowledged), problem (not reached).
    """
    narrowed = {
        "all": "TRUE",
        "acked": "k.id IS NOT NULL",
        "waiting": f"k.id IS NULL AND m.state IN ({_words(REACHED)})",
        "problem": "k.id IS NULL AND m.state IN ('failed', 'undelivered', 'suppressed', 'expired', 'unknown')",
    }[only]
    return await sql.rows(
        "SELECT m.person_id, p.staff_no, p.unit_id, m.channel, m.lang, m.state, m.reason, m.state_at, m.accepted_at, "
        "m.not_before, k.at AS acked_at, k.channel AS acked_by FROM message m JOIN person p ON p.id = m.person_id "
        "JOIN run r ON r.id = m.run_id "
        "JOIN run f ON f.schedule_id = r.schedule_id AND f.due_at = r.due_at AND f.round = 1 "
        "LEFT JOIN acknowledgement k ON k.run_id = f.id AND k.person_id = m.person_id "
        f"WHERE m.run_id = $1 AND {narrowed} ORDER BY p.staff_no, p.id LIMIT $2 OFFSET $3",
        run_id,
        limit,
        offset,
    )


async def waiting_acknowledgement(address_id: int, run_id: int | None, now: datetime) -> dict[str, Any] | None:
    """Return the question that an address is asked to acknowledge: of a run (0: a test), else the one last sent.

    What was never said to it (still queued, suppressed, cancelled) does not wait for an answer. A button names its run
    even when the time for it is over; a word does not.
    """
    still = "q.closed_at IS NULL AND (q.expires_at IS NULL OR q.expires_at > $2)"
    if run_id is not None:
        about = "q.ref_id IS NULL" if run_id == 0 else f"q.ref_id = {int(run_id)}"
        still = f"(q.closed_at IS NULL OR q.outcome = 'expired') AND {about} AND q.asked_at <= $2"
    return await sql.row(
        "SELECT q.id, q.ref_id, q.person_id, q.topic FROM open_question q "
        "JOIN message m ON m.dedupe_key = q.message_key "
        f"WHERE q.address_id = $1 AND q.kind = 'ack' AND {still} "
        f"AND m.state NOT IN ({_words(NOT_SAID)}) ORDER BY q.asked_at DESC, q.id DESC LIMIT 1",
        address_id,
        now,
    )


async def close_questions(campaign_id: int, now: datetime) -> int:
    """Close what a campaign still asks to acknowledge; return how many questions that were."""
    return await sql.execute(
        "UPDATE open_question SET closed_at = $2, outcome = 'expired' WHERE kind = 'ack' AND closed_at IS NULL "
        "AND ref_id IN (SELECT id FROM run WHERE campaign_id = $1)",
        campaign_id,
        now,
    )


async def acknowledge(run_id: int, person_id: int, channel: str, now: datetime) -> bool:
    """Write that a person acknowledged a run, once, and close every question that asks him for it."""
    made = await sql.execute(
        "INSERT INTO acknowledgement (run_id, person_id, channel, at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (run_id, person_id) DO NOTHING",
        run_id,
        person_id,
        channel,
        now,
    )
    await sql.execute(
        "UPDATE open_question SET closed_at = $3, outcome = 'answered' "
        "WHERE kind = 'ack' AND ref_id = $1 AND person_id = $2 AND closed_at IS NULL",
        run_id,
        person_id,
        now,
    )
    return made > 0

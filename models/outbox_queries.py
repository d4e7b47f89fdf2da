"""Named queries of the outbox. The hot ones read and write many rows each and make no objects.

One claim is one transaction: candidates with all that decides about them, then one UPDATE and one INSERT. One settling
is one transaction: one UPDATE of attempts, one of messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import sql, wake
from models.states import MESSAGE_MOVES, MESSAGE_RANK, MessageState

_INSERT = (
    "INSERT INTO message (dedupe_key, channel, address_id, person_id, run_id, category, priority, lang, text_key,"
    " body, buttons, edits_provider_id, answers_press, state, queued_at, not_before, expires_at, state_at, tries,"
    " segments) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', $14, $15, $16, $14, 0, $17)"
    " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)

_CANDIDATES = (
    "SELECT m.id, m.address_id, m.run_id, m.category, m.body, m.buttons, m.edits_provider_id, m.answers_press,"
    " m.expires_at, m.tries, a.identity, a.bad_at, c.given, p.status AS person_status, r.state AS run_state,"
    " t.text AS run_text"
    " FROM message m"
    " LEFT JOIN address a ON a.id = m.address_id"
    " LEFT JOIN consent c ON c.address_id = m.address_id AND c.category = m.category"
    " LEFT JOIN person p ON p.id = m.person_id"
    " LEFT JOIN run r ON r.id = m.run_id"
    " LEFT JOIN run_text t ON t.run_id = m.run_id AND t.lang = m.lang"
    " WHERE m.state = 'queued' AND m.channel = $1 AND (m.not_before IS NULL OR m.not_before <= $2)"
    " AND (r.state IS NULL OR r.state IN ('sending', 'finished', 'cancelled'))"
    " AND NOT EXISTS (SELECT 1 FROM message e WHERE e.address_id = m.address_id AND e.id < m.id"
    " AND e.state = 'queued' AND e.tries > 0 AND e.priority <= m.priority AND e.not_before > $2)"
)
_NO_BULK = " AND m.category NOT IN ('education', 'survey', 'family')"
_IN_ORDER = " ORDER BY m.priority, m.id LIMIT "


@dataclass(frozen=True, slots=True)
class NewRow:
    """The values of one message to be inserted."""

    dedupe_key: str
    channel: str
    address_id: int | None
    person_id: int | None
    run_id: int | None
    category: str
    priority: int
    lang: str
    text_key: str | None
    body: bytes | None
    buttons: str | None
    edits_provider_id: str | None
    answers_press: str | None
    queued_at: datetime
    not_before: datetime | None
    expires_at: datetime | None
    segments: int | None


async def insert(new: NewRow) -> bool:
    """Insert a message and wake the processes that send; False where its dedupe key is there already."""
    values = (getattr(new, name) for name in NewRow.__slots__)
    return bool(await sql.rows(_INSERT + wake.and_tell("outbox"), *values))


async def candidates(channel: str, now: datetime, most: int, *, quiet: bool) -> list[dict[str, Any]]:
    """Lock and return what may be claimed next, with all that decides about it. Call it inside a transaction."""
    statement = _CANDIDATES + (_NO_BULK if quiet else "") + _IN_ORDER + str(int(most))
    if sql.is_postgres():
        statement += " FOR UPDATE OF m SKIP LOCKED"
    return await sql.rows(statement, channel, now)


async def start_sending(claimed: Sequence[tuple[int, str, int]], lane_id: int, epoch: int, now: datetime) -> None:
    """Move messages to `sending`, each with an open attempt. `claimed` holds (message id, token, segments)."""
    values = _Values(("bigint", "int"))
    listed = values.rows([(message_id, segments) for message_id, _, segments in claimed])
    at = values.add(now, "timestamptz")
    await sql.execute(
        f"WITH v (id, segments) AS (VALUES {listed}) UPDATE message SET state = 'sending', state_at = {at},"
        " tries = tries + 1, segments = v.segments FROM v WHERE message.id = v.id AND message.state = 'queued'",
        *values.given,
    )
    values = _Values(("bigint", "text", "bigint", "bigint", "timestamptz"))
    listed = values.rows([(message_id, token, lane_id, epoch, now) for message_id, token, _ in claimed])
    await sql.execute(
        f"INSERT INTO attempt (message_id, token, lane_id, epoch, started_at) VALUES {listed}", *values.given
    )


async def end(ended: Sequence[tuple[int, str, str | None]], now: datetime) -> None:
    """End queued messages without sending. `ended` holds (message id, state, reason)."""
    values = _Values(("bigint", "text", "text"))
    listed = values.rows(ended)
    at = values.add(now, "timestamptz")
    await sql.execute(
        f"WITH v (id, state, reason) AS (VALUES {listed}) UPDATE message SET state = v.state, reason = v.reason,"
        f" state_at = {at} FROM v WHERE message.id = v.id AND message.state = 'queued'",
        *values.given,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """What one attempt came to, and what follows for its message. `back` tries are given back (0 or 1)."""

    token: str
    message_id: int
    outcome: str
    provider_id: str | None
    code: str | None
    state: str
    reason: str | None
    not_before: datetime | None
    accepted_at: datetime | None
    back: int


async def settle_attempts(settled: Sequence[Settled], lane_id: int, epoch: int, now: datetime) -> set[str]:
    """Write outcomes of this epoch's open attempts; return the tokens that were still ours to settle."""
    values = _Values(("text", "text", "text", "text"))
    listed = values.rows([(s.token, s.outcome, s.provider_id, s.code) for s in settled])
    at, lane, mine = values.add(now, "timestamptz"), values.add(lane_id, "bigint"), values.add(epoch, "bigint")
    done = await sql.rows(
        f"WITH v (token, outcome, provider_id, code) AS (VALUES {listed}) UPDATE attempt SET outcome = v.outcome,"
        f" provider_id = COALESCE(v.provider_id, attempt.provider_id), code = v.code, finished_at = {at} FROM v"
        f" WHERE attempt.token = v.token AND attempt.outcome IS NULL AND attempt.epoch = {mine}"
        f" AND EXISTS (SELECT 1 FROM lane WHERE lane.id = {lane} AND lane.epoch = {mine}) RETURNING attempt.token",
        *values.given,
    )
    return {row["token"] for row in done}


async def settle_messages(settled: Sequence[Settled], now: datetime) -> None:
    """Move messages on. One that a receipt moved further meanwhile keeps its state."""
    values = _Values(("bigint", "text", "text", "timestamptz", "timestamptz", "text", "int"))
    listed = values.rows(
        [(s.message_id, s.state, s.reason, s.not_before, s.accepted_at, s.provider_id, s.back) for s in settled]
    )
    at = values.add(now, "timestamptz")
    ours = "message.state = 'sending'"
    await sql.execute(
        "WITH v (id, state, reason, not_before, accepted_at, provider_id, back) AS"
        f" (VALUES {listed}) UPDATE message SET"
        f" state = CASE WHEN {ours} THEN v.state ELSE message.state END,"
        f" reason = CASE WHEN {ours} THEN v.reason ELSE message.reason END,"
        f" not_before = CASE WHEN {ours} THEN v.not_before ELSE message.not_before END,"
        f" state_at = CASE WHEN {ours} THEN {at} ELSE message.state_at END,"
        " tries = message.tries - v.back,"
        " accepted_at = COALESCE(message.accepted_at, v.accepted_at),"
        " provider_id = COALESCE(v.provider_id, message.provider_id) FROM v WHERE message.id = v.id",
        *values.given,
    )


async def abandon(lane_id: int, epoch: int, now: datetime) -> int:
    """Make what older epochs of a lane left open `unknown`; return how many messages that were."""
    left = await sql.rows(
        "UPDATE attempt SET outcome = 'unknown', code = 'abandoned', finished_at = $3"
        " WHERE lane_id = $1 AND epoch < $2 AND outcome IS NULL RETURNING message_id",
        lane_id,
        epoch,
        now,
    )
    if left:
        values = _Values(("bigint",))
        listed = values.rows([(row["message_id"],) for row in left])
        at = values.add(now, "timestamptz")
        await sql.execute(
            f"WITH v (id) AS (VALUES {listed}) UPDATE message SET state = 'unknown', state_at = {at} FROM v"
            " WHERE message.id = v.id AND message.state = 'sending'",
            *values.given,
        )
    return len(left)


async def expire(now: datetime) -> int:
    """End queued messages whose time is over; return how many."""
    ended = await sql.rows(
        "UPDATE message SET state = 'expired', reason = 'too_late', state_at = $1"
        " WHERE state = 'queued' AND expires_at <= $1 RETURNING id",
        now,
    )
    return len(ended)


async def count_by_state(run_id: int | None) -> list[dict[str, Any]]:
    """Return state, whether it was ever accepted, and how many; of one run or of everything."""
    chosen = "" if run_id is None else " WHERE run_id = $1"
    return await sql.rows(
        "SELECT state, accepted_at IS NOT NULL AS accepted, count(*) AS many FROM message" + chosen + " GROUP BY 1, 2",
        *([] if run_id is None else [run_id]),
    )


async def attempt_by_token(token: str) -> dict[str, Any] | None:
    """Return an attempt with its message's id, address and provider id."""
    return await sql.row(
        "SELECT t.id, t.message_id, t.provider_id, m.address_id FROM attempt t JOIN message m ON m.id = t.message_id"
        " WHERE t.token = $1",
        token,
    )


async def add_receipt(attempt_id: int, status: str, code: str | None, now: datetime) -> bool:
    """Keep what the provider reported; False where it said this before."""
    added = await sql.rows(
        "INSERT INTO receipt (attempt_id, status, code, received_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (attempt_id, status) DO NOTHING RETURNING id",
        attempt_id,
        status,
        code,
        now,
    )
    return bool(added)


def states_before(state: MessageState) -> list[str]:
    """Return the states from which a receipt may move a message to this one: allowed, and forward only."""
    rank = MESSAGE_RANK[state]
    return [str(old) for old, to in MESSAGE_MOVES.items() if state in to and MESSAGE_RANK.get(old, rank) < rank]


async def move_forward(message_id: int, state: MessageState, provider_id: str | None, now: datetime) -> bool:
    """Move a message forward by a receipt, which also proves acceptance; False where it is further already."""
    olds = ", ".join(f"'{old}'" for old in states_before(state))
    moved = await sql.rows(
        "UPDATE message SET state = $2, state_at = $3, accepted_at = COALESCE(accepted_at, $3), reason = NULL,"
        f" provider_id = COALESCE(provider_id, $4) WHERE id = $1 AND state IN ({olds}) RETURNING id",
        message_id,
        str(state),
        now,
        provider_id,
    )
    return bool(moved)


async def note_accepted(message_id: int, provider_id: str | None, now: datetime) -> None:
    """Keep that the provider has the message, whatever its state."""
    await sql.execute(
        "UPDATE message SET accepted_at = COALESCE(accepted_at, $2), provider_id = COALESCE(provider_id, $3)"
        " WHERE id = $1",
        message_id,
        now,
        provider_id,
    )


async def name_attempt(attempt_id: int, provider_id: str) -> None:
    """Keep the provider's id of an attempt that has none yet."""
    await sql.execute(
        "UPDATE attempt SET provider_id = $2 WHERE id = $1 AND provider_id IS NULL", attempt_id, provider_id
    )


class _Values:
    """Placeholders of a VALUES list, with casts in its first row, and what they stand for."""

    def __init__(self, types: Sequence[str]) -> None:
        self.types = types
        self.given: list[Any] = []

    def rows(self, rows: Sequence[Sequence[Any]]) -> str:
        """Return the rows' placeholders."""
        return ", ".join("(" + ", ".join(map(self.add, row, self.types)) + ")" for row in rows)

    def add(self, value: Any, cast: str) -> str:
        """Return the placeholder of one more value."""
        self.given.append(value)
        return f"${len(self.given)}::{cast}"

"""Named queries of the outbox. The hot ones read and write many rows each and make no objects.

A list of rows is one value (`sql.listed`), so that a statement's text stays the same and is prepared once. To claim is
one transaction: candidates (`claim_queries`), then messages and attempts. To settle is one statement on PostgreSQL, two
in a transaction on SQLite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import sql, wake

_INSERT = (
    "INSERT INTO message (dedupe_key, channel, address_id, person_id, run_id, category, priority, lang, text_key,"
    " body, buttons, edits_provider_id, answers_press, deletes, state, queued_at, not_before, expires_at, state_at,"
    " tries, segments, fleeting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'queued', $15,"
    " $16, $17, $15, 0, $18, $19)"
    " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)


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
    deletes: str | None
    queued_at: datetime
    not_before: datetime | None
    expires_at: datetime | None
    segments: int | None
    fleeting: bool


async def insert(new: NewRow) -> bool:
    """Insert a message and wake the processes that send; False where its dedupe key is there already."""
    values = (getattr(new, name) for name in NewRow.__slots__)
    return bool(await sql.rows(_INSERT + wake.and_tell("outbox"), *values))


async def start_sending(claimed: Sequence[tuple[int, str, int]], lane_id: int, epoch: int, now: datetime) -> None:
    """Move messages to `sending`, each with an open attempt. `claimed` holds (message id, token, segments)."""
    given = sql.as_list([{"id": each, "token": token, "segments": units} for each, token, units in claimed])
    v = f"WITH {sql.listed('id bigint, token text, segments int')}"
    if sql.is_postgres():
        await sql.rows(f"{v}, moved AS ({_START} RETURNING 1) {_OPEN} RETURNING 1", given, now, lane_id, epoch)
    else:
        await sql.execute(f"{v} {_START}", given, now)
        await sql.execute(f"{v} {_OPEN}", given, now, lane_id, epoch)


_START = (
    "UPDATE message SET state = 'sending', state_at = $2::timestamptz, tries = tries + 1, segments = v.segments FROM v"
    " WHERE message.id = v.id AND message.state = 'queued'"
)
_OPEN = (
    "INSERT INTO attempt (message_id, token, lane_id, epoch, started_at)"
    " SELECT v.id, v.token, $3::bigint, $4::bigint, $2::timestamptz FROM v"
)


async def end(ended: Sequence[tuple[int, str, str | None]], now: datetime) -> None:
    """End queued messages without sending. `ended` holds (message id, state, reason)."""
    await sql.execute(
        f"WITH {sql.listed('id bigint, state text, reason text')} UPDATE message SET state = v.state,"
        " reason = v.reason, state_at = $2::timestamptz FROM v WHERE message.id = v.id AND message.state = 'queued'",
        sql.as_list([{"id": each, "state": state, "reason": reason} for each, state, reason in ended]),
        now,
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


_SETTLED = (
    "token text, message_id bigint, outcome text, provider_id text, code text, state text, reason text,"
    " not_before timestamptz, accepted_at timestamptz, back int"
)
_SETTLE_ATTEMPTS = (
    "UPDATE attempt SET outcome = v.outcome, provider_id = COALESCE(v.provider_id, attempt.provider_id),"
    " code = v.code, finished_at = $2::timestamptz FROM v"
    " WHERE attempt.token = v.token AND attempt.outcome IS NULL AND attempt.epoch = $4::bigint"
    " AND EXISTS (SELECT 1 FROM lane WHERE lane.id = $3::bigint AND lane.epoch = $4::bigint) RETURNING attempt.token"
)
_STILL = "message.state = 'sending'"
_SETTLE_MESSAGES = (
    f"UPDATE message SET state = CASE WHEN {_STILL} THEN v.state ELSE message.state END,"
    f" reason = CASE WHEN {_STILL} THEN v.reason ELSE message.reason END,"
    f" not_before = CASE WHEN {_STILL} THEN v.not_before ELSE message.not_before END,"
    f" state_at = CASE WHEN {_STILL} THEN $2::timestamptz ELSE message.state_at END,"
    " tries = message.tries - v.back, accepted_at = COALESCE(message.accepted_at, v.accepted_at),"
    " provider_id = COALESCE(v.provider_id, message.provider_id) FROM v WHERE message.id = v.message_id"
)
_OURS_FIRST = " AND v.token = ANY (ARRAY(SELECT token FROM ours))"  # attempts before messages, as receipts do


def settles_alone() -> bool:
    """Say whether `settle` is one statement, which needs no transaction around it."""
    return sql.is_postgres()


async def settle(settled: Sequence[Settled], lane_id: int, epoch: int, now: datetime) -> set[str]:
    """Write outcomes of this epoch's open attempts and move their messages on; return the tokens that were ours.

    A message that a receipt moved further meanwhile keeps its state.
    """
    rows = [{name: getattr(each, name) for name in Settled.__slots__} for each in settled]
    v, rest = f"WITH {sql.listed(_SETTLED)}", (now, lane_id, epoch)
    if settles_alone():
        both = f"{v}, ours AS ({_SETTLE_ATTEMPTS}), moved AS ({_SETTLE_MESSAGES}{_OURS_FIRST}) SELECT token FROM ours"
        return {row["token"] for row in await sql.rows(both, sql.as_list(rows), *rest)}
    ours = {row["token"] for row in await sql.rows(f"{v} {_SETTLE_ATTEMPTS}", sql.as_list(rows), *rest)}
    if ours:
        kept = rows if len(ours) == len(rows) else [row for row in rows if row["token"] in ours]
        await sql.execute(f"{v} {_SETTLE_MESSAGES}", sql.as_list(kept), now)
    return ours


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
        await sql.execute(
            f"WITH {sql.listed('id bigint')} UPDATE message SET state = 'unknown', state_at = $2::timestamptz FROM v"
            " WHERE message.id = v.id AND message.state = 'sending'",
            sql.as_list([{"id": row["message_id"]} for row in left]),
            now,
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


async def erase_said(unknown_before: datetime) -> int:
    """Erase the texts that are not to be kept, of messages that are settled; return how many.

    Of one that stays `unknown` once it has been so since before a moment: it cannot be sent again then.
    """
    erased = await sql.rows(
        "UPDATE message SET body = NULL WHERE fleeting AND body IS NOT NULL"
        " AND (state NOT IN ('queued', 'sending', 'unknown') OR (state = 'unknown' AND state_at <= $1)) RETURNING id",
        unknown_before,
    )
    return len(erased)


async def count_by_state(run_id: int | None) -> list[dict[str, Any]]:
    """Return state, whether it was ever accepted, and how many; of one run or of everything."""
    chosen = "" if run_id is None else " WHERE run_id = $1"
    return await sql.rows(
        "SELECT state, accepted_at IS NOT NULL AS accepted, count(*) AS many FROM message" + chosen + " GROUP BY 1, 2",
        *([] if run_id is None else [run_id]),
    )

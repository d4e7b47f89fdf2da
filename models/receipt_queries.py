"""Named queries of receipts, for many at a time: whose they are, that they are kept, what they move.

A list of rows is one value (`sql.listed`), so that the number of statements does not depend on how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from models import sql
from models.states import MESSAGE_MOVES, MESSAGE_RANK, MessageState


def states_before(state: MessageState) -> list[str]:
    """Return the states from which a receipt may move a message to this one: allowed, and forward only."""
    rank = MESSAGE_RANK[state]
    return [str(old) for old, to in MESSAGE_MOVES.items() if state in to and MESSAGE_RANK.get(old, rank) < rank]


def _forward() -> str:
    """Return the condition that `v.state` lies ahead of the message's state."""
    cases = []
    for state in MESSAGE_RANK:
        if olds := ", ".join(f"'{old}'" for old in states_before(state)):
            cases.append(f"WHEN '{state}' THEN message.state IN ({olds})")
    return f"CASE v.state {' '.join(cases)} ELSE 1 = 0 END"


_FORWARD: Final = _forward()
_MOVE: Final = (
    f"UPDATE message SET state = CASE WHEN {_FORWARD} THEN v.state ELSE message.state END,"
    f" state_at = CASE WHEN {_FORWARD} THEN $2::timestamptz ELSE message.state_at END,"
    f" reason = CASE WHEN {_FORWARD} THEN NULL ELSE message.reason END,"
    " accepted_at = COALESCE(message.accepted_at, $2::timestamptz),"
    " provider_id = COALESCE(message.provider_id, v.provider_id) FROM v WHERE message.id = v.id"
)


async def attempts(tokens: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return attempts by their tokens: id, message's id and address, provider's id; those that are there."""
    found = await sql.rows(
        f"WITH {sql.listed('token text')} SELECT t.token, t.id, t.message_id, t.provider_id, m.address_id"
        " FROM v JOIN attempt t ON t.token = v.token JOIN message m ON m.id = t.message_id",
        sql.as_list([{"token": token} for token in tokens]),
    )
    return {row["token"]: row for row in found}


async def add(receipts: Sequence[tuple[int, str, str | None]], now: datetime) -> set[tuple[int, str]]:
    """Keep (attempt id, status, code); return attempt id and status of those that were not there before."""
    added = await sql.rows(
        f"WITH {sql.listed('attempt_id bigint, status text, code text')}"
        " INSERT INTO receipt (attempt_id, status, code, received_at)"
        " SELECT v.attempt_id, v.status, v.code, $2::timestamptz FROM v WHERE 1 = 1"
        " ON CONFLICT (attempt_id, status) DO NOTHING RETURNING attempt_id, status",
        sql.as_list([{"attempt_id": each, "status": status, "code": code} for each, status, code in receipts]),
        now,
    )
    return {(row["attempt_id"], row["status"]) for row in added}


async def name_attempts(named: Sequence[tuple[int, str]]) -> None:
    """Keep the provider's ids of attempts that have none yet."""
    await sql.execute(
        f"WITH {sql.listed('id bigint, provider_id text')} UPDATE attempt SET provider_id = v.provider_id FROM v"
        " WHERE attempt.id = v.id AND attempt.provider_id IS NULL",
        sql.as_list([{"id": each, "provider_id": provider_id} for each, provider_id in named]),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """Where a receipt moves a message, unless it is further already. The receipt also proves acceptance."""

    id: int
    state: MessageState
    provider_id: str | None


async def move_forward(moves: Sequence[Move], now: datetime) -> None:
    """Move messages, each of which stands in the list once, forward; keep that the provider has them."""
    await sql.execute(
        f"WITH {sql.listed('id bigint, state text, provider_id text')} {_MOVE}",
        sql.as_list([{"id": m.id, "state": str(m.state), "provider_id": m.provider_id} for m in moves]),
        now,
    )

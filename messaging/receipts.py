"""Receipts: what a provider reports after it accepted a message, found by the attempt's token.

They come early, twice, out of order or days late; a message only moves forward. A receipt also proves that the
provider has the message: it settles an attempt whose outcome was unknown.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from core.office import Office
from messaging import addresses, consent
from messaging.channel import Report
from models import receipt_queries, sql
from models.receipt_queries import Move
from models.states import MESSAGE_RANK, MessageState

log = structlog.get_logger()
Found = tuple[dict[str, Any], Report]


async def record(office: Office, token: str, report: Report) -> bool:
    """Keep a receipt and move its message forward; False for a token that we never issued, or another message's.

    A status that we do not know is taken and has no effect.
    """
    return (await record_all(office, [(token, report)]))[0]


async def record_all(office: Office, given: Sequence[tuple[str, Report]]) -> list[bool]:
    """Do the same for many in one transaction, in as many statements as for one; all are kept, or it raises."""
    async with sql.transaction():
        attempts = await receipt_queries.attempts([token for token, _ in given])
        known = {token: row["provider_id"] for token, row in attempts.items()}
        taken = [_is_ours(known, token, report) for token, report in given]
        ours = [(attempts[token], report) for (token, report), is_ours in zip(given, taken, strict=True) if is_ours]
        if new := await _new(office, [each for each in ours if _is_known(each)]):
            await _apply(office, new)
    return taken


def _is_ours(known: dict[str, str | None], token: str, report: Report) -> bool:
    """Say whether the token is ours and the provider's id that of its attempt; the first one to come names it."""
    if token not in known or _is_swapped(known[token], report.provider_id):
        return False
    known[token] = known[token] or report.provider_id
    return True


def _is_swapped(known: str | None, given: str | None) -> bool:
    return known is not None and given is not None and known != given


def _is_known(found: Found) -> bool:
    attempt, report = found
    if report.state is None:
        log.warning("receipt.strange", attempt=attempt["id"])
    return report.state is not None


async def _new(office: Office, found: Sequence[Found]) -> list[Found]:
    """Keep receipts; return those that say what was not said before, by message and the rank of their states."""
    if not found:
        return []
    rows = {(attempt["id"], report.status): report.code for attempt, report in reversed(found)}
    added = await receipt_queries.add([(*key, code) for key, code in rows.items()], office.clock.now())
    new = {(a["id"], r.status): (a, r) for a, r in reversed(found) if (a["id"], r.status) in added}
    return sorted(new.values(), key=lambda each: (each[0]["message_id"], MESSAGE_RANK[_state(each[1])]))


def _state(report: Report) -> MessageState:
    assert report.state is not None
    return report.state


async def _apply(office: Office, new: Sequence[Found]) -> None:
    """Attempts before messages, as settling does, so that the two never wait for each other."""
    now = office.clock.now()
    unnamed = {a["id"]: r.provider_id for a, r in reversed(new) if a["provider_id"] is None and r.provider_id}
    if unnamed:
        await receipt_queries.name_attempts(list(unnamed.items()))
    for moves in _rounds(new):
        await receipt_queries.move_forward(moves, now)
    for attempt, report in new:
        await _note_address(office, attempt["address_id"], report)


def _rounds(new: Sequence[Found]) -> list[list[Move]]:
    """Return what moves each message: once as a rule, in turns where the last state alone would not say the same."""
    of: dict[int, list[Move]] = {}
    for attempt, report in new:
        move = Move(attempt["message_id"], _state(report), report.provider_id)
        behind = of.setdefault(move.id, [])
        if behind and _covers(move, behind[-1]):
            move = replace(move, provider_id=behind.pop().provider_id or move.provider_id)
        behind.append(move)
    longest = max(map(len, of.values()))
    return [[moves[turn] for moves in of.values() if turn < len(moves)] for turn in range(longest)]


def _covers(later: Move, earlier: Move) -> bool:
    """Say whether a move makes the one before it needless: it leads on from wherever that one begins or ends."""
    before = set(receipt_queries.states_before(later.state))
    return before >= {earlier.state, *receipt_queries.states_before(earlier.state)}


async def _note_address(office: Office, address_id: int | None, report: Report) -> None:
    if address_id is not None and report.opted_out:
        await consent.withdraw(office, address_id, "provider")
    if address_id is not None and report.bad_address:
        await addresses.mark_bad(office, address_id, report.code)

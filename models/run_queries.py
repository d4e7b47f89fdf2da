"""Named queries about runs: made, finished, reopened, cancelled, counted, acknowledged."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql
from models.audience_queries import REACHED
from models.states import CampaignState, Reason, RunState

NOT_SAID = ("queued", "suppressed", "expired", "cancelled")
_SAID_ALL = (
    "state = 'sending' AND NOT EXISTS "
    "(SELECT 1 FROM message m WHERE m.run_id = run.id AND m.state IN ('queued', 'sending'))"
)
_RAN_OUT = (
    "state = 'active' AND NOT EXISTS "
    "(SELECT 1 FROM run r WHERE r.campaign_id = campaign.id AND r.state NOT IN ('finished', 'cancelled'))"
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
    found = await sql.rows(f"SELECT id FROM run WHERE {_SAID_ALL} ORDER BY id LIMIT $1", limit)
    return [int(row["id"]) for row in found]


async def finish_runs(limit: int, now: datetime) -> int:
    """Finish some runs that have nothing left to say; return how many.

    What puts a message back into a queue holds its run (`reopen`), and so does this: whoever is second sees the other.
    """
    found = await runs_without_open_messages(limit)
    if not found:
        return 0
    done = sql.ids(found)
    async with sql.transaction():
        held = f"SELECT id FROM run WHERE id IN ({done}) ORDER BY id"
        await sql.rows(held + _hold())
        return await sql.execute(
            f"UPDATE run SET state = 'finished', finished_at = $1 WHERE id IN ({done}) AND {_SAID_ALL}", now
        )


def _hold() -> str:
    """Hold the rows read until the transaction ends; on SQLite it is the only writer anyway."""
    return " FOR NO KEY UPDATE" if sql.is_postgres() else ""


async def reopen(run_id: int, now: datetime) -> bool:
    """Make a finished run send again and a finished campaign active; return whether a message may go back to its queue.

    Call it before the message is moved, in the same transaction: no run is finished while a row of it is open. False,
    changing nothing, where the run is over and its campaign paused or cancelled. A message of a cancelled run may go
    back: it ends there as cancelled.
    """
    found = await sql.row(
        "SELECT c.id, c.state AS campaign_state, r.state FROM campaign c JOIN run r ON r.campaign_id = c.id "
        f"WHERE r.id = $1{_hold()}",
        run_id,
    )
    if found is None or found["state"] != RunState.FINISHED:
        return found is not None
    if found["campaign_state"] not in (CampaignState.ACTIVE, CampaignState.FINISHED):
        return False
    await sql.execute("UPDATE run SET state = 'sending', finished_at = NULL WHERE id = $1", run_id)
    if found["campaign_state"] == CampaignState.FINISHED:
        await _reopen_campaign(found["id"], now)
    return True


async def _reopen_campaign(campaign_id: int, now: datetime) -> None:
    """Make a finished campaign active, as an act of nobody; what it asked and still may be answered is asked again."""
    await sql.execute("UPDATE campaign SET state = 'active', updated_at = $2 WHERE id = $1", campaign_id, now)
    await sql.execute(
        "INSERT INTO campaign_act (campaign_id, act, version, at) "
        "SELECT id, 'reopen', version, $2::timestamptz FROM campaign WHERE id = $1",
        campaign_id,
        now,
    )
    await sql.execute(
        "UPDATE open_question SET closed_at = NULL, outcome = NULL WHERE kind = 'ack' AND outcome = 'expired' "
        "AND expires_at > $2 AND ref_id IN (SELECT id FROM run WHERE campaign_id = $1)",
        campaign_id,
        now,
    )


async def campaigns_run_out() -> list[int]:
    """Return active campaigns all of whose runs are over."""
    found = await sql.rows(f"SELECT id FROM campaign WHERE {_RAN_OUT} ORDER BY id")
    return [int(row["id"]) for row in found]


async def finish_campaign(campaign_id: int, now: datetime) -> bool:
    """Finish an active campaign and close what it asks; False where a run of it is open. Inside a transaction."""
    await sql.rows("SELECT id FROM campaign WHERE id = $1" + _hold(), campaign_id)
    finished = "UPDATE campaign SET state = 'finished', updated_at = $2 WHERE id = $1 AND "
    if not await sql.execute(finished + _RAN_OUT, campaign_id, now):
        return False
    await close_questions(campaign_id, now)
    return True


async def anybody_waiting(campaign_id: int) -> bool:
    """Return whether somebody who was reached is still asked to acknowledge a campaign.

    It begins at the open questions: asked each second, it must not look at all who have acknowledged.
    """
    found = await sql.value(
        "SELECT 1 AS one FROM open_question q JOIN message m ON m.dedupe_key = q.message_key "
        "WHERE q.kind = 'ack' AND q.closed_at IS NULL AND q.ref_id IN (SELECT id FROM run WHERE campaign_id = $1) "
        f"AND m.state IN ({sql.words((*REACHED, 'unknown'))}) LIMIT 1",
        campaign_id,
    )
    return found is not None


_CANCEL = f"UPDATE message SET state = 'cancelled', reason = '{Reason.RUN_CANCELLED}', state_at = $1 WHERE id IN "


async def cancel_queued(run_ids: Sequence[int], most: int, now: datetime) -> None:
    """Cancel what these runs have not begun to send, so many messages at most; `cancel_rest` takes the others."""
    queued = f"SELECT id FROM message WHERE run_id IN ({sql.ids(run_ids)}) AND state = 'queued' LIMIT {int(most)}"
    await sql.execute(f"{_CANCEL}({queued}) AND state = 'queued'", now)


async def cancel_rest(cancelled_after: datetime, most: int, now: datetime) -> int:
    """Cancel some messages still queued of runs cancelled after a moment; return how many."""
    queued = (
        "SELECT m.id FROM run r JOIN message m ON m.run_id = r.id AND m.state = 'queued' "
        f"WHERE r.state = 'cancelled' AND r.finished_at > $2 LIMIT {int(most)}"
    )
    return await sql.execute(f"{_CANCEL}({queued}) AND state = 'queued'", now, cancelled_after)


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
        "waiting": f"k.id IS NULL AND m.state IN ({sql.words(REACHED)})",
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
        f"AND m.state NOT IN ({sql.words(NOT_SAID)}) ORDER BY q.asked_at DESC, q.id DESC LIMIT 1",
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


async def acknowledge(run_id: int, person_id: int, channel: str, now: datetime) -> None:
    """Write that a person acknowledged a run, once, and close every question that asks him for it."""
    await sql.execute(
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

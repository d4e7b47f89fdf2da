"""Named queries of the claim: which messages of a channel's queue a lane takes next.

Messages without a run form one group, each run another. The index (channel, run_id, priority, id) of queued rows leads
from run to run and to the head of each, so a claim reads few rows however many wait. On PostgreSQL candidates are
locked, and what others hold is skipped.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from models import sql

OVERDUE: Final = timedelta(seconds=10)
WINDOWS: Final = (4, 20, 100, 100, 100, 100, 100, 100, 100, 100)
"""Of each run a lane with a share reads so many times what it wants to claim, window after window, until it has it."""
_BULK = "('education', 'survey', 'family')"
_ALIVE = "('sending', 'finished', 'cancelled')"
_EACH = "LIMIT 1 OFFSET 0"
"""Keeps PostgreSQL from reading all such rows beforehand: it looks for each candidate by its address instead."""
_CANDIDATES = (
    "SELECT m.id, m.address_id, m.run_id, m.category, m.body, m.buttons, m.edits_provider_id, m.answers_press,"
    " m.deletes, m.expires_at, m.tries, m.priority, a.identity, a.bad_at, c.given, p.status AS person_status,"
    " r.state AS run_state, t.text AS run_text"
    " FROM ({}) m"
    " LEFT JOIN address a ON a.id = m.address_id"
    " LEFT JOIN consent c ON c.address_id = m.address_id AND c.category = m.category"
    " LEFT JOIN person p ON p.id = m.person_id"
    " LEFT JOIN run r ON r.id = m.run_id"
    " LEFT JOIN run_text t ON t.run_id = m.run_id AND t.lang = m.lang"
)
_IS_DUE = (
    " (m.not_before IS NULL OR m.not_before <= $2)"
    " AND NOT EXISTS (SELECT 1 FROM message e WHERE e.address_id = m.address_id AND e.id < m.id"
    f" AND e.state = 'queued' AND e.tries > 0 AND e.priority <= m.priority AND e.not_before > $2 {_EACH})"
)
_FIRST = "SELECT m.* FROM message m WHERE m.state = 'queued' AND m.channel = $1 AND m.run_id {} AND" + _IS_DUE
_WINDOW = (
    "SELECT q.id, q.priority FROM message q WHERE q.state = 'queued' AND q.channel = $1 AND q.run_id {}"
    " ORDER BY q.priority, q.id LIMIT {}"
)
_IN_WINDOW = (
    "SELECT m.* FROM ({}) w JOIN message m ON m.id = w.id LEFT JOIN address a ON a.id = m.address_id"
    f" WHERE m.state = 'queued' AND{_IS_DUE}"
    f" AND NOT EXISTS (SELECT 1 FROM message s WHERE s.address_id = m.address_id AND s.state = 'sending' {_EACH})"
)
_IN_ORDER = " ORDER BY m.priority, m.id LIMIT {}"
_HEAD = "FROM message h WHERE h.channel = $1 AND h.state = 'queued' AND h.run_id"
_NEXT = "ORDER BY h.run_id, h.priority, h.id LIMIT 1"
"""In the order of the queue's index alone: another one would lead through all messages of runs that are over."""
_RUNS = (
    f"WITH RECURSIVE waiting (run_id) AS (SELECT (SELECT h.run_id {_HEAD} IS NOT NULL {_NEXT})"
    f" UNION ALL SELECT (SELECT h.run_id {_HEAD} > w.run_id {_NEXT}) FROM waiting w"
    " WHERE w.run_id IS NOT NULL)"
    f" SELECT w.run_id, (SELECT h.priority {_HEAD} = w.run_id ORDER BY h.priority, h.id LIMIT 1) AS priority"
    f" FROM waiting w JOIN run r ON r.id = w.run_id WHERE r.state IN {_ALIVE}"
)
_turns = itertools.count()


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of a channel's queue a lane takes (messaging.routing says how it comes about).

    `prefix`: numbers that begin with it and with none of `longer`; of these the addresses whose id modulo `total` is
    in [low, high). None: no numbers. `homes`: lanes that can be used now; an answer to somebody who wrote to one of
    them leaves by it alone. `by_home`: nothing but addresses at home here, and those without a home where `is_first`.
    `marks` remember up to which row (priority, id) a run has nothing for this lane, so that no claim reads that again.
    """

    lane_id: int
    prefix: str | None = None
    longer: tuple[str, ...] = ()
    total: int = 1
    low: int = 0
    high: int = 1
    homes: tuple[int, ...] = ()
    by_home: bool = False
    is_first: bool = False
    marks: dict[tuple[int, bool], tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is for this lane now."""
        return not self.by_home and self.prefix is None and self.lane_id not in self.homes


async def candidates(
    channel: str, now: datetime, most: int, *, quiet: bool, share: Share | None = None
) -> list[dict[str, Any]]:
    """Lock and return what may be claimed next, with all that decides about it. Call it inside a transaction.

    By priority; at the same priority messages without a run first, then one of each run in turn. `quiet` leaves bulk
    out. `share` is the part of the queue that the lane takes, None: all of it. Where nothing is left of a share, what
    has waited for more than ten seconds for another lane of the same prefix.
    """
    if share is not None and share.is_empty:
        return []
    runs = await _waiting_runs(channel, quiet=quiet)
    found = await _Claim(channel, now, quiet, share).first(runs, most)
    if not found and share is not None and share.prefix is not None:
        found = await _Claim(channel, now, quiet, share, overdue=True).first(runs, most)
    return found


async def _waiting_runs(channel: str, *, quiet: bool) -> list[tuple[int, list[int]]]:
    """Return the runs that have queued messages, by priority, each level beginning with another run than last time."""
    rows = await sql.rows(_RUNS + (f" AND r.category NOT IN {_BULK}" if quiet else ""), channel)
    levels: dict[int, list[int]] = {}
    for row in rows:
        levels.setdefault(row["priority"], []).append(row["run_id"])
    turn = next(_turns)
    return [(level, _turned(sorted(runs), turn)) for level, runs in sorted(levels.items())]


def _turned(runs: list[int], turn: int) -> list[int]:
    start = turn % len(runs)
    return runs[start:] + runs[:start]


class _Claim:
    """One look at the queue of a channel for a lane."""

    def __init__(self, channel: str, now: datetime, quiet: bool, share: Share | None, *, overdue: bool = False) -> None:
        self.channel, self.now, self.quiet, self.share, self.overdue = channel, now, quiet, share, overdue

    async def first(self, runs: Sequence[tuple[int, list[int]]], most: int) -> list[dict[str, Any]]:
        """Return at most so many, level after level until there are enough."""
        found = (await self._heads([(None, most)]))[None] if not runs else []
        for place, (_, level) in enumerate(runs):
            found += await self._level(level, most, with_others=place == 0)
            if len(found) >= most:
                break
        found.sort(key=lambda row: (row["priority"], row["run_id"] is not None, row["turn"]))
        return found[:most]

    async def _level(self, runs: Sequence[int], most: int, *, with_others: bool) -> list[dict[str, Any]]:
        """Take the same number from each run; what one lacks, the others that have more give."""
        chosen = runs[:most]
        each = -(-most // len(chosen))
        groups: list[tuple[int | None, int]] = [(run, each) for run in chosen]
        heads = await self._heads([(None, most), *groups] if with_others else groups)
        lacking = most - sum(map(len, heads.values()))
        full = [run for run in chosen if len(heads[run]) == each]
        if lacking > 0 and full and len(chosen) > 1:
            heads |= await self._heads([(run, each - (-lacking // len(full))) for run in full])
        return [row for rows in heads.values() for row in rows]

    async def _heads(self, groups: Sequence[tuple[int | None, int]]) -> dict[int | None, list[dict[str, Any]]]:
        """Return the first rows of each group, numbered in `turn`."""
        if self.share is None:
            rows = await self._of_everything(groups)
        else:
            rows = [row for run, most in groups for row in await self._of_share(self.share, run, most)]
        heads: dict[int | None, list[dict[str, Any]]] = {run: [] for run, _ in groups}
        for row in sorted(rows, key=lambda row: (row["priority"], row["id"])):
            group = heads[row["run_id"]]
            group.append(row | {"turn": len(group)})
        return heads

    async def _of_everything(self, groups: Sequence[tuple[int | None, int]]) -> list[dict[str, Any]]:
        values: list[Any] = [self.channel, self.now]
        parts = []
        for run, most in groups:
            first = _FIRST.format(_is(run, values)) + self._no_bulk(run)
            parts.append(_CANDIDATES.format(first + _IN_ORDER.format(int(most)) + _locked()))
        return await sql.rows(" UNION ALL ".join(parts), *values)

    async def _of_share(self, share: Share, run: int | None, most: int) -> list[dict[str, Any]]:
        """Read window after window of a group, from where something may be for this lane."""
        found: list[dict[str, Any]] = []
        after = share.marks.get((run, self.overdue)) if run is not None else None
        for times in WINDOWS:
            size = times * max(most, 10)
            rows = await self._in_window(share, run, after, size, most - len(found))
            if rows and not found and run is not None:
                first = min((row["priority"], row["id"]) for row in rows)
                share.marks[run, self.overdue] = first[0], first[1] - 1
            found += rows
            if len(found) >= most:
                break
            last = await self._last(run, after, size)
            if last is None:
                break
            after = last["priority"], last["id"]
            if not found and run is not None:
                share.marks[run, self.overdue] = after
            if last["many"] < size:
                break
        return found

    async def _in_window(
        self, share: Share, run: int | None, after: tuple[int, int] | None, size: int, most: int
    ) -> list[dict[str, Any]]:
        values: list[Any] = [self.channel, self.now]
        window = _WINDOW.format(_is(run, values) + _past(run, after), int(size))
        mine = self._no_bulk(run) + self._mine(share, values) + _IN_ORDER.format(int(most)) + _locked()
        return await sql.rows(_CANDIDATES.format(_IN_WINDOW.format(window) + mine), *values)

    async def _last(self, run: int | None, after: tuple[int, int] | None, size: int) -> dict[str, Any] | None:
        """Return the last row of a window, and how `many` are in it."""
        values: list[Any] = [self.channel]
        window = _WINDOW.format(_is(run, values) + _past(run, after), int(size))
        return await sql.row(
            "SELECT w.id, w.priority, count(*) OVER () AS many"
            f" FROM ({window}) w ORDER BY w.priority DESC, w.id DESC LIMIT 1",
            *values,
        )

    def _no_bulk(self, run: int | None) -> str:
        return f" AND m.category NOT IN {_BULK}" if self.quiet and run is None else ""

    def _mine(self, share: Share, values: list[Any]) -> str:
        if share.by_home:
            homeless = " OR a.home_lane_id IS NULL" if share.is_first else ""
            return f" AND (a.home_lane_id = {int(share.lane_id)}{homeless})"
        homes = ", ".join(str(int(lane)) for lane in share.homes) or "NULL"
        is_answer = f"(m.priority = 0 AND a.home_lane_id IS NOT NULL AND a.home_lane_id IN ({homes}))"
        elsewhere = f"(NOT COALESCE({is_answer}, FALSE) AND {self._by_number(share, values)})"
        if self.overdue:
            return f" AND {elsewhere}"
        return f" AND (({is_answer} AND a.home_lane_id = {int(share.lane_id)}) OR {elsewhere})"

    def _by_number(self, share: Share, values: list[Any]) -> str:
        if share.prefix is None:
            return "FALSE"
        rules = [_begins(share.prefix, values)] if share.prefix else []
        rules += [f"NOT {_begins(each, values)}" for each in share.longer]
        if self.overdue:
            values.append(self.now - OVERDUE)
            rules.append(f"COALESCE(m.not_before, m.queued_at) <= ${len(values)}")
        elif share.high - share.low < share.total:
            place = f"COALESCE(m.address_id, 0) % {int(share.total)}"
            rules.append(f"{place} >= {int(share.low)} AND {place} < {int(share.high)}")
        return " AND ".join(rules) or "TRUE"


def _is(run: int | None, values: list[Any]) -> str:
    if run is None:
        return "IS NULL"
    values.append(run)
    return f"= ${len(values)}"


def _past(run: int | None, after: tuple[int, int] | None) -> str:
    """Begin behind a row. All messages of a run have one priority, and both databases seek by equality best."""
    if after is None:
        return ""
    priority, last = int(after[0]), int(after[1])
    if run is None:
        return f" AND (q.priority, q.id) > ({priority}, {last})"
    return f" AND q.priority = {priority} AND q.id > {last}"


def _locked() -> str:
    return " FOR UPDATE OF m SKIP LOCKED" if sql.is_postgres() else ""


def _begins(prefix: str, values: list[Any]) -> str:
    values.append(prefix)
    return f"(substr(COALESCE(a.route, ''), 1, {len(prefix)}) = ${len(values)})"

"""The first page: what waits for the visitor, by his roles; nothing of what others do."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from console.deadlines import Deadline, deadline
from console.pages.keys import title_of
from console.pages.records import readable
from console.rendering import render
from console.visit import Visit
from console.words import titled
from models import console_queries, incident_queries, sending_queries, sql
from people.units import UnitTree, load_tree
from records import members
from records.kind import Kind
from records.reading import Filters, RecordRow, list_records, waiting_acts

NEXT = 8
COUNTED = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One number of the start page: its words are `start.<key>`, `tone` colours its edge where it is not 0."""

    key: str
    many: int
    href: str
    icon: str
    tone: str


async def start_page(visit: Visit) -> web.Response:
    """Show what waits."""
    cards = await _campaign_cards(visit) + await _inbox_cards(visit) + await _queue_cards(visit)
    due, record_cards = await _records(visit)
    notices, key_cards = await _keys(visit)
    runs = await console_queries.runs_in_progress() if visit.may("campaign.view") else []
    context = {
        "cards": record_cards + key_cards + cards,
        "notices": notices,
        "due": due,
        "runs": [run | {"due_at": sql.as_time(run["due_at"])} for run in runs],
        "sees_runs": visit.may("campaign.view"),
        "sees_records": bool(readable(visit)),
    }
    return render(visit, "start.html", context)


async def _keys(visit: Visit) -> tuple[list[str], list[Waiting]]:
    """Whose key nobody holds, for administrators; which keys the visitor lacks; who waits for him."""
    notices, cards = [], []
    if visit.may("account.manage") and (nobody := await members.without_holder()):
        notices.append(visit.t("start.keys_nobody", groups=_titles(visit, nobody)))
    if visit.may("records.view"):
        found = await members.standings(visit.kinds, visit.actor)
        if lacks := [one.group for one in found if not one.mine]:
            notices.append(visit.t("start.keys_locked", groups=_titles(visit, lacks)))
        many = sum(len(one.waiting) for one in found if one.mine)
        cards = [Waiting("keys_waiting", many, "/keys", "key", "warn")] if many else []
    return notices, cards


def _titles(visit: Visit, groups: list[str]) -> str:
    return (", " if visit.lang == "en" else "、").join(title_of(visit, name) for name in groups)


async def _campaign_cards(visit: Visit) -> list[Waiting]:
    if not visit.may("campaign.view"):
        return []
    counts = await console_queries.campaigns_waiting(visit.actor.person_id)
    cards = []
    if visit.may("campaign.approve"):
        cards.append(Waiting("to_approve", counts["to_approve"], "/reminders?view=submitted", "check", "accent"))
    if visit.may("campaign.write"):
        cards.append(Waiting("drafts", counts["drafts"], "/reminders?view=draft", "bell", "accent"))
        cards.append(Waiting("submitted", counts["submitted"], "/reminders?view=submitted", "clock", ""))
    return cards


async def _inbox_cards(visit: Visit) -> list[Waiting]:
    if not visit.may("inbox.view"):
        return []
    return [Waiting("inbox", await console_queries.inbox_unread(), "/inbox", "inbox", "warn")]


async def _queue_cards(visit: Visit) -> list[Waiting]:
    if not visit.may("queue.view"):
        return []
    queued = sum(row["many"] for row in await sending_queries.queued())
    unknown = sum(row["many"] for row in await sending_queries.unsettled() if row["state"] == "unknown")
    incidents = len(await incident_queries.still_open())
    return [
        Waiting("queued", queued, "/sending", "send", ""),
        Waiting("unknown", unknown, "/sending/unknown", "warning", "warn"),
        Waiting("incidents", incidents, "/sending/incidents", "warning", "bad"),
    ]


async def _records(visit: Visit) -> tuple[list[dict[str, Any]], list[Waiting]]:
    found: list[dict[str, Any]] = []
    cards: list[Waiting] = []
    tree = await load_tree() if readable(visit) else UnitTree({})
    for kind in readable(visit):
        rows = await list_records(
            visit.office, visit.kinds, visit.actor, kind.id, Filters(open_only=True, limit=COUNTED)
        )
        read = {row.id for row in rows}
        waiting = await waiting_acts(visit.office, visit.kinds, visit.actor, kind.id)
        rows += [row for row in waiting if row.id not in read]
        shown = [_due_row(visit, kind.id, row, tree) for row in rows]
        late = sum(1 for one in shown if (ends := one["deadline"]) is not None and ends.tone == "bad")
        if rows:  # a register in which nothing is open needs no card
            cards.append(Waiting(f"open_{kind.id}", len(rows), f"/records/{kind.id}", "folder", "accent"))
        if late:
            cards.append(Waiting(f"late_{kind.id}", late, f"/records/{kind.id}?view=late", "clock", "bad"))
        cards += _by_level(kind, rows)
        found += [one for one in shown if one["deadline"] is not None]
    return sorted(found, key=_moment)[:NEXT], cards


def _by_level(kind: Kind, rows: list[RecordRow]) -> list[Waiting]:
    """How many are open at each level of a kind whose limits have levels; a level without any is not shown."""
    if kind.limits_by is None:
        return []
    held = [row.facts.get(kind.limits_by) for row in rows]
    levels = reversed(list(kind.fields[kind.limits_by].choices or {}))
    return [
        Waiting(f"at_{kind.id}.{level}", held.count(level), f"/records/{kind.id}", "warning", "bad")
        for level in levels
        if level in held
    ]


def _moment(row: dict[str, Any]) -> Any:
    ends: Deadline = row["deadline"]
    return ends.moment


def _due_row(visit: Visit, kind_id: str, row: RecordRow, tree: UnitTree) -> dict[str, Any]:
    kind, unit = visit.kinds.get(kind_id), tree.by_id.get(row.unit_id or 0)
    return {
        "href": f"/records/{kind_id}/{row.public_id}",
        "kind": titled(kind.titles, visit.lang),
        "number": row.number,
        "unit": unit.name(visit.lang) if unit else "",
        "state": titled(kind.states[row.state].titles, visit.lang),
        "deadline": deadline(visit.office, row.due_at),
    }

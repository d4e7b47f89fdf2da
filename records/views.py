"""Views of an act: what a role sees of a record that it cannot read, for as long as it has to act on it."""

from dataclasses import replace

from core.office import Office
from models import record_queries
from models.record import Record
from models.record_queries import Reach
from people.access import Actor
from records.course import Course, alerts_open, facts_only
from records.kind import ActView, Kind
from records.predicates import HEAVY, decide
from records.reach import Grasp

MOST = 500
"""How many records wait for one person at most on one page."""


def views_on(kind: Kind, actor: Actor, record: Record) -> tuple[ActView, ...]:
    """Return the views that are open to an actor on a record; recusal is looked at by who asks."""
    return tuple(view for view in kind.views if _open(kind, view, actor, record))


def _open(kind: Kind, view: ActView, actor: Actor, record: Record) -> bool:
    if not actor.reaches(view.role, record.unit_id):
        return False
    facts, named = facts_only(record.facts), decide(Course.of(record).known(kind, record))
    moves = kind.moves_of(record.state, record.tracks)
    acts = {move.act for move in moves if move.may_hold(facts, named, HEAVY)}
    return bool(acts & view.acts) or (view.alert is not None and view.alert in alerts_open(kind, record))


async def view_of(office: Office, kind: Kind, actor: Actor, grasp: Grasp, public_id: str) -> Record | None:
    """Return a record on which a view is open to the actor and that does not name him; None for every other."""
    if not any(actor.has(view.role) for view in kind.views):
        return None
    wanted = replace(grasp.selection, reaches=(Reach(house=True),), public_id=public_id, limit=1)
    if not await record_queries.readable(wanted):
        return None
    record = await Record.get(public_id=public_id)
    return record if views_on(kind, actor, record) else None


async def waiting(office: Office, kind: Kind, actor: Actor, grasp: Grasp) -> list[Record]:
    """Return the records on which an act waits for the actor in a view, the oldest first."""
    views = [view for view in kind.views if actor.has(view.role)]
    states = {state for view in views for state in _states(kind, view)}
    beside = {each for view in views for each in _track_states(kind, view)}
    if not states | {state for _, state in beside}:
        return []
    wanted = replace(
        grasp.selection,
        reaches=(Reach(house=True),),
        states=tuple(sorted(states)),
        track_states=tuple(sorted(beside)),
        open_only=True,
        limit=MOST,
    )
    ids = [row["id"] for row in await record_queries.readable(wanted)]
    records = await Record.filter(id__in=ids).order_by("id")
    return [record for record in records if views_on(kind, actor, record)]


def _states(kind: Kind, view: ActView) -> set[str]:
    """The states in which a view may be open: those its acts lead out of, any but the ended where it is of an alert."""
    if view.alert:
        return {state.id for state in kind.states.values() if not state.terminal}
    return {state for move in kind.transitions if move.act in view.acts for state in move.sources}


def _track_states(kind: Kind, view: ActView) -> set[tuple[str, str]]:
    return {
        (track.id, state)
        for track in kind.tracks.values()
        for move in track.transitions
        if move.act in view.acts
        for state in move.sources
    }

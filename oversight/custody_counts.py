"""Counting by hand what is kept: the service says what should be there, two persons say what is.

The first enters what he found, with a reason for what is missing; another one, never the first, confirms it. A
difference is told to the head of the integrity office. Source: practice of custody, counted each quarter.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.crypto import Sealed, seal_to, unseal
from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import ledger_append, record_queries, sql
from models.record import KeyGroup
from models.record_queries import Reach
from models.register import CustodyCount
from oversight.telling import tell
from people.access import Actor, check_may, holders
from records.groups import key_or_none
from records.kind import Kind, Kinds
from records.marks import actor_mark
from records.reach import grasp_of

LIMIT: Final = "gift.count_by_hand"
DIFFERS: Final = "T-COUNT-DIFFERS"
HEAD: Final = "integrity_head"
REASON_LEAST, REASON_MOST = 2, 200
MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that should be there: its record, and the facts that a custodian may know."""

    record_id: int
    number: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as it is shown: what should have been and was there, who counted, what is missing and why."""

    public_id: str
    quarter: str
    day: dt.date
    state: str
    expected: int
    found: int
    counted_by: int
    confirmed_by: int | None
    missing: tuple[tuple[str, str], ...]


def kind_with_store(kinds: Kinds) -> Kind:
    """Return the kind that has a store. Raises NotThere where none is installed."""
    found = next((kind for kind in kinds.by_id.values() if kind.store), None)
    if found is None:
        raise NotThere
    return found


def quarter_of(office: Office) -> str:
    """Return the quarter that is counted today: the one just over for some working days, else the present one."""
    today = office.today()
    first = dt.date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    start = dt.datetime.combine(first - dt.timedelta(days=1), dt.time(), office.zone)
    late = office.limits.get(LIMIT).span.end(office.calendar, start, office.zone).day
    counted = first - dt.timedelta(days=1) if today <= late else today
    return f"{counted.year}Q{(counted.month + 2) // 3}"


async def should_be_there(office: Office, kinds: Kinds, actor: Actor) -> list[Kept]:
    """Return what should be in the store, by its records; what names the actor is not his to know of."""
    check_may(actor, "count.make")
    kind = kind_with_store(kinds)
    store = kind.store
    assert store is not None  # that is how the kind was chosen
    grasp = await grasp_of(office, kind, actor)
    states = tuple((store.track, state) for state in store.kept)
    wanted = replace(grasp.selection, reaches=(Reach(house=True),), track_states=states, open_only=True, limit=MOST)
    rows = sorted(await record_queries.readable(wanted), key=lambda row: int(row["id"]))
    return [
        Kept(int(row["id"]), row["number"], {name: row["facts"][name] for name in store.shows if name in row["facts"]})
        for row in rows
    ]


async def enter(office: Office, kinds: Kinds, actor: Actor, found: frozenset[int], reasons: Mapping[int, str]) -> str:
    """Keep what the first person found until another one confirms it; return its public id.

    Raises NotAllowed, Refused with the record (`field`) that is missing without a reason, Conflict where another count
    waits.
    """
    kept, kind = await should_be_there(office, kinds, actor), kind_with_store(kinds)
    missing = [one for one in kept if one.record_id not in found]
    why = {one.record_id: reasons.get(one.record_id, "").strip() for one in missing}
    for record_id, reason in why.items():
        if not REASON_LEAST <= len(reason) <= REASON_MOST:
            raise Refused("count.reason", least=REASON_LEAST, max=REASON_MOST, field=f"reason-{record_id}")
    group, now = await KeyGroup.get(name=kind.group), office.clock.now()
    sealed = seal_to(group.public_key, json.dumps(why, ensure_ascii=False).encode())
    async with sql.transaction():
        if await CustodyCount.filter(kind=kind.id, state="proposed").select_for_update().exists():
            raise Conflict("count.waits")
        row = await CustodyCount.create(
            kind=kind.id,
            quarter=quarter_of(office),
            day=office.today(),
            state="proposed",
            lines={str(one.record_id): one.record_id in found for one in kept},
            expected=len(kept),
            found=len(kept) - len(missing),
            group_id=group.id,
            reasons_key=sealed.key,
            reasons=sealed.content,
            counted_by_id=actor.person_id,
            at=now,
        )
        await _note(office, "count_proposed", actor, row)
    return row.public_id


async def confirm(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> None:
    """Confirm what another person found. Raises NotAllowed, NotThere, Refused for the first person, Conflict."""
    kept = {one.record_id for one in await should_be_there(office, kinds, actor)}
    heads = await holders(HEAD)
    async with sql.transaction():
        row = await _waiting(public_id)
        if row.counted_by_id == actor.person_id:
            raise Refused("records.second_person")
        if {int(each) for each in row.lines} != kept:
            raise Conflict("count.changed")
        row.state, row.confirmed_by_id, row.done_at = "done", actor.person_id, office.clock.now()
        await row.save()
        for head in heads if row.found != row.expected else ():
            await tell(office, head, DIFFERS, f"count:{row.id}:{head}")
        await _note(office, "counted", actor, row)


async def drop(office: Office, actor: Actor, public_id: str) -> None:
    """Drop a count that nobody confirmed yet, so that it can be made again. Raises NotAllowed, NotThere, Conflict."""
    check_may(actor, "count.make")
    async with sql.transaction():
        row = await _waiting(public_id)
        row.state, row.done_at = "dropped", office.clock.now()
        await row.save()
        await _note(office, "count_dropped", actor, row)


async def counts(office: Office, actor: Actor) -> list[Counted]:
    """Return the counts, the newest first; what was missing and why only to who holds the key. Raises NotAllowed."""
    check_may(actor, "count.view")
    rows = await CustodyCount.all().order_by("-id").limit(40)
    keys = {group: await key_or_none(office, group, actor) for group in {row.group_id for row in rows}}
    return [await _shown(row, keys[row.group_id]) for row in rows]


async def _shown(row: CustodyCount, key: bytes | None) -> Counted:
    missing: list[tuple[str, str]] = []
    if key and row.found != row.expected and row.reasons and row.reasons_key:
        why = json.loads(unseal(key, Sealed(row.reasons_key, row.reasons)))
        numbers = await record_queries.numbers_of([int(each) for each in why])
        missing = [(numbers.get(int(each), each), reason) for each, reason in why.items()]
    return Counted(
        row.public_id,
        row.quarter,
        row.day,
        row.state,
        row.expected,
        row.found,
        row.counted_by_id,
        row.confirmed_by_id,
        tuple(missing),
    )


async def _waiting(public_id: str) -> CustodyCount:
    row = await CustodyCount.select_for_update().get_or_none(public_id=public_id)
    if row is None:
        raise NotThere
    if row.state != "proposed":
        raise Conflict("error.not_allowed")
    return row


async def _note(office: Office, event: str, actor: Actor, row: CustodyCount) -> None:
    missing = [int(each) for each, there in row.lines.items() if not there]
    detail = {"count": row.id, "quarter": row.quarter, "expected": row.expected, "found": row.found, "missing": missing}
    await ledger_append.append(None, event, actor_mark(office, actor.person_id), detail, office.clock.now())

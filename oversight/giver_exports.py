"""Lists of givers for the risk department: one person asks, another approves, the asker takes the file once.

The file holds the company's code, how many gifts and their sum, nothing of who registered them. It is made with the
key of who approves and sealed to the account of who asked, so that nobody else reads it; it is erased when it was taken
or its time is over. Each step is an entry in the ledger. Source: act `export` of the role risk_liaison.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.clock import local_day
from core.crypto import Sealed, seal_to, unseal
from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import ledger_append, register_queries, sql
from models.org import Account, Organisation
from models.record import KeyGroup
from models.register import GiverExport
from oversight.printing.csv_file import BOM, harmless
from oversight.telling import tell
from people.access import Actor, able_to, check_may
from people.companies import find_company
from records.facts import money_text
from records.groups import group_private_key, key_or_none
from records.kind import UNKNOWN, Kind, Kinds
from records.marks import actor_mark
from records.reading import Filters, RecordRow, list_records
from records.saying import day_text
from records.sealing import merged, unseal_all

WAITS: Final = "T-EXPORT-WAITS"
READY: Final = "T-EXPORT-READY"
INSTANT: Final = dt.timedelta(seconds=1)
LIMIT: Final = "gift.export_open"
REASON_LEAST, REASON_MOST = 4, 300
SLICE: Final = 200
HEAD: Final = ("company_code", "company", "gifts", "amount_cny", "without_amount")


@dataclass(frozen=True, slots=True)
class GiverLine:
    """One line of the list: a company (code "" where it is not known), its gifts, their sum in minor units."""

    code: str
    name: str
    gifts: int
    amount: int
    without_amount: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is shown: `mine` to who asked; the reason only to who may approve and holds the key."""

    public_id: str
    first_day: dt.date
    last_day: dt.date
    state: str
    asked_at: dt.datetime
    asked_by: int
    mine: bool
    reason: str
    rows: int | None
    open_until: dt.datetime | None


def kind_of_givers(kinds: Kinds) -> Kind:
    """Return the kind that has givers. Raises NotThere where none is installed."""
    found = next((kind for kind in kinds.by_id.values() if kind.givers), None)
    if found is None:
        raise NotThere
    return found


async def ask(office: Office, kinds: Kinds, actor: Actor, first: dt.date, last: dt.date, reason: str) -> str:
    """Ask for a list of the gifts received between two days; return its public id. Raises Refused, NotAllowed."""
    check_may(actor, "export.ask")
    if not first <= last <= office.today():
        raise Refused("export.bad_days", field="last")
    if not REASON_LEAST <= len(reason.strip()) <= REASON_MOST:
        raise Refused("export.reason", least=REASON_LEAST, max=REASON_MOST, field="reason")
    kind, now = kind_of_givers(kinds), office.clock.now()
    group = await KeyGroup.get(name=kind.group)
    sealed = seal_to(group.public_key, reason.strip().encode())
    async with sql.transaction():
        row = await GiverExport.create(
            kind=kind.id,
            first_day=first,
            last_day=last,
            state="asked",
            asked_by_id=actor.person_id,
            asked_at=now,
            group_id=group.id,
            reason_key=sealed.key,
            reason=sealed.content,
        )
        for person_id in await able_to("export.approve"):
            if person_id != actor.person_id:
                await tell(office, person_id, WAITS, f"export:{row.id}:asked:{person_id}")
        await _enter(office, "export_asked", actor, row, {"from": f"{first}", "to": f"{last}"})
    return row.public_id


async def requests(office: Office, actor: Actor) -> list[Request]:
    """Return the requests that an actor may know of, newest first: his own, and all for who may approve."""
    check_may(actor, "export.view")
    rows = GiverExport.all() if _may_approve(actor) else GiverExport.filter(asked_by_id=actor.person_id)
    found = await rows.order_by("-id").limit(100)
    keys = {group: await key_or_none(office, group, actor) for group in {row.group_id for row in found}}
    return [_request(actor, row, keys[row.group_id] if _may_approve(actor) else None) for row in found]


def _request(actor: Actor, row: GiverExport, key: bytes | None) -> Request:
    reason = unseal(key, Sealed(row.reason_key, row.reason)).decode() if key else ""
    mine = row.asked_by_id == actor.person_id
    return Request(
        row.public_id,
        row.first_day,
        row.last_day,
        row.state,
        row.asked_at,
        row.asked_by_id,
        mine,
        reason,
        row.rows,
        row.open_until,
    )


def _may_approve(actor: Actor) -> bool:
    try:
        check_may(actor, "export.approve")
    except Refused:
        return False
    return True


async def approve(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> None:
    """Make the list with the key of the actor and let the asker take it. Raises Refused, Conflict, NotThere."""
    row = await _to_decide(actor, public_id)
    account = await Account.get_or_none(person_id=row.asked_by_id, disabled_at__isnull=True)
    if account is None or account.public_key is None:
        raise Refused("export.no_account")
    kind = kinds.get(row.kind)
    lines, ids = await giver_lines(office, kinds, kind, actor, row.first_day, row.last_day)
    sealed = seal_to(bytes(account.public_key), _packed(lines))
    now = office.clock.now()
    until = office.limits.get(LIMIT).span.end(office.calendar, now, office.zone).moment
    async with sql.transaction():
        row = await _locked(public_id, "asked")
        row.state, row.decided_by_id, row.decided_at, row.open_until = "approved", actor.person_id, now, until
        row.content_key, row.content, row.rows = sealed.key, sealed.content, len(lines)
        await row.save()
        values = {"date": day_text(local_day(until - INSTANT, office.zone), office.locale)}
        await tell(office, row.asked_by_id, READY, f"export:{row.id}:ready", **values)
        detail = {"records": ids, "fields": sorted(kind.givers.fields) if kind.givers else []}
        await _enter(office, "export_approved", actor, row, detail)


async def refuse(office: Office, actor: Actor, public_id: str) -> None:
    """Refuse a request. Raises Refused, Conflict, NotThere."""
    await _to_decide(actor, public_id)
    async with sql.transaction():
        row, now = await _locked(public_id, "asked"), office.clock.now()
        row.state, row.decided_by_id, row.decided_at, row.closed_at = "refused", actor.person_id, now, now
        await row.save()
        await _enter(office, "export_refused", actor, row, {})


async def take(office: Office, actor: Actor, public_id: str) -> bytes:
    """Return the list as CSV to who asked for it, once; then it is erased. Raises Refused, Conflict, NotThere."""
    check_may(actor, "export.ask")
    if actor.key is None:
        raise Refused("records.locked")
    async with sql.transaction():
        row, now = await _locked(public_id, "approved"), office.clock.now()
        if row.asked_by_id != actor.person_id:
            raise NotThere
        if row.open_until is None or now >= row.open_until or row.content is None or row.content_key is None:
            raise Conflict("export.over")
        packed = unseal(actor.key.private, Sealed(row.content_key, row.content))
        row.state, row.closed_at, row.content, row.content_key = "taken", now, None, None
        await row.save()
        await _enter(office, "export_taken", actor, row, {})
    return csv_of([GiverLine(**line) for line in json.loads(packed)])


async def step(office: Office) -> int:
    """Erase the lists that nobody took in time; return how many."""
    ended = 0
    for public_id in await register_queries.exports_over(office.clock.now()):
        async with sql.transaction():
            row = await _locked(public_id, "approved")
            row.state, row.closed_at, row.content, row.content_key = "expired", office.clock.now(), None, None
            await row.save()
            await _enter(office, "export_expired", None, row, {})
        ended += 1
    return ended


async def giver_lines(
    office: Office, kinds: Kinds, kind: Kind, actor: Actor, first: dt.date, last: dt.date
) -> tuple[list[GiverLine], list[int]]:
    """Return the list for two days, the most gifts first, and the records that it is made from.

    What the actor may not read is left out: records that name him are never his to hand on.
    """
    assert kind.givers is not None  # asked for a kind of givers only
    key = await group_private_key(office, await KeyGroup.get(name=kind.group), actor)
    days = (first.isoformat(), last.isoformat())
    rows = [row for row in await _all_rows(office, kinds, kind, actor) if _counts(kind, row, days)]
    by_giver: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        named = merged(await unseal_all(key, row.id), kind.statement).get(kind.givers.company, "")
        by_giver.setdefault(await _giver(named), []).append(row.facts.get(kind.givers.amount))
    companies = {one.code: one.name_zh for one in await Organisation.filter(code__in=[code for code, _ in by_giver])}
    lines = [_line(code, companies.get(code, name), amounts) for (code, name), amounts in by_giver.items()]
    return sorted(lines, key=lambda line: (-line.gifts, -line.amount, line.code, line.name)), [row.id for row in rows]


async def _all_rows(office: Office, kinds: Kinds, kind: Kind, actor: Actor) -> list[RecordRow]:
    rows: list[RecordRow] = []
    while True:
        before = rows[-1].id if rows else None
        found = await list_records(office, kinds, actor, kind.id, Filters(limit=SLICE, before_id=before))
        rows += found
        if len(found) < SLICE:
            return rows


def _counts(kind: Kind, row: RecordRow, days: tuple[str, str]) -> bool:
    givers = kind.givers
    assert givers is not None
    return row.state not in givers.without and days[0] <= str(row.facts.get(givers.day, "")) <= days[1]


async def _giver(named: str) -> tuple[str, str]:
    """The company that was meant: its code, or what was written where no company is known by it."""
    if named in ("", UNKNOWN):
        return "", ""
    code = await find_company(named)
    return (code, "") if code else ("", named)


def _line(code: str, name: str, amounts: Sequence[Any]) -> GiverLine:
    known = [amount for amount in amounts if isinstance(amount, int)]
    return GiverLine(code, name, len(amounts), sum(known), len(amounts) - len(known))


def _packed(lines: Sequence[GiverLine]) -> bytes:
    fields = GiverLine.__dataclass_fields__
    return json.dumps([{name: getattr(line, name) for name in fields} for line in lines], ensure_ascii=False).encode()


def csv_of(lines: Sequence[GiverLine]) -> bytes:
    """Return the lines as CSV for spreadsheet programs: UTF-8 with its mark, no cell that is taken for a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in lines:
        amount = money_text(line.amount).replace(",", "")
        writer.writerow([harmless(line.code), harmless(line.name), line.gifts, amount, line.without_amount])
    return (BOM + target.getvalue()).encode()


async def _to_decide(actor: Actor, public_id: str) -> GiverExport:
    """Return a request that the actor may decide: never his own. Raises NotAllowed, NotThere, Conflict, Refused."""
    check_may(actor, "export.approve")
    row = await GiverExport.get_or_none(public_id=public_id)
    if row is None:
        raise NotThere
    if row.asked_by_id == actor.person_id:
        raise Refused("records.second_person")
    if row.state != "asked":
        raise Conflict("error.not_allowed")
    return row


async def _locked(public_id: str, state: str) -> GiverExport:
    """Return a request under its row lock, in the state that is needed. Raises NotThere, Conflict."""
    row = await GiverExport.select_for_update().get_or_none(public_id=public_id)
    if row is None:
        raise NotThere
    if row.state != state:
        raise Conflict("export.over" if row.state in ("taken", "expired") else "error.not_allowed")
    return row


async def _enter(office: Office, event: str, actor: Actor | None, row: GiverExport, detail: Mapping[str, Any]) -> None:
    mark = actor_mark(office, actor.person_id if actor else None)
    await ledger_append.append(None, event, mark, {"export": row.id, **detail}, office.clock.now())

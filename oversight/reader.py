"""For whom a report is made: in which role, which records it counts for him, and whether small figures are hidden.

Records in which the reader or his superior is named are in none of his figures. Source: rules `recusal` and
`min_group` of the roles; docs/decisions/0017-figures.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import NotAllowed, Refused
from core.office import Office
from models.record_queries import Reach, Selection
from oversight.definition import Definition, Reports
from people.access import Actor
from people.roles import roles
from people.units import UnitTree
from records.reach import grasp_of
from records.recusal import OFFICE_ROLE, recused_marks

ANY_HASH = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever a report is made for. `roles` is the one that he has it in; empty for the public.

    Where it is made for several readers, to be issued to them, it is what each of them may see: `roles` are all theirs.
    `selections` say which records of each kind are counted, `units` whose rows are shown (None: the whole house).
    `exact`: he reads every record that is counted, so nothing is gained by hiding small figures from him. `recused` are
    the marks under which he may see nothing.
    """

    roles: tuple[str, ...]
    selections: Mapping[str, Selection]
    units: frozenset[int] | None
    exact: bool
    recused: tuple[str, ...] = ()


def may_have(report: Definition, actor: Actor) -> bool:
    """Return whether one of the roles of an actor may have a report."""
    return role_for(report, actor) is not None


def role_for(report: Definition, actor: Actor) -> str | None:
    """Return the role in which an actor has a report: the one that reaches furthest; None where he may not."""
    held = [role for role in report.audience if actor.has(role)]
    return max(held, key=lambda role: roles().by_id[role].reach == "house", default=None)


async def reader_of(
    office: Office, reports: Reports, report: Definition, tree: UnitTree, actor: Actor | None
) -> Reader:
    """Return for whom a report is made; None is the public, for whom its totals are where it is for the public.

    Raises NotAllowed where none of the actor's roles may have it.
    """
    if actor is None and not report.public:
        raise NotAllowed("people.not_allowed")
    if actor is None:
        return Reader((), {kind: house_selection(kind) for kind in report.kinds}, None, False)
    role = role_for(report, actor)
    if role is None:
        raise NotAllowed("people.not_allowed")
    if report.register is not None:
        return await _of_register(office, reports, report, actor, role)
    units = None if roles().by_id[role].reach == "house" else frozenset(actor.roles[role] or ())
    reach = Reach(house=True) if units is None else Reach(unit_ids=tuple(sorted(units)))
    recused = await recused_marks(office, tree, actor, OFFICE_ROLE)
    selections = {kind: _selection(kind, (reach,), recused) for kind in report.kinds}
    return Reader((role,), selections, units, _reads_all(reports, report, role), recused)


async def reader_of_all(
    office: Office,
    reports: Reports,
    report: Definition,
    tree: UnitTree,
    readers: Sequence[Actor],
    issuers: Sequence[Actor],
) -> Reader:
    """Return for whom a report is made that is issued: of the whole house, and as each reader and issuer may see it.

    Raises Refused where one of the readers may not have it; who prepares and issues it sees it in any case.
    """
    if strange := [each for each in readers if not may_have(report, each)]:
        raise Refused("report.not_for", item=strange[0].staff_no or "")
    everybody = [*readers, *issuers]
    held = {role_for(report, actor) for actor in everybody}
    recused = {mark for actor in everybody for mark in await recused_marks(office, tree, actor, OFFICE_ROLE)}
    marks = tuple(sorted(recused))
    selections = {kind: _selection(kind, (Reach(house=True),), marks) for kind in report.kinds}
    exact = all(role is not None and _reads_all(reports, report, role) for role in held)
    return Reader(tuple(sorted(role for role in held if role is not None)), selections, None, exact, marks)


async def _of_register(office: Office, reports: Reports, report: Definition, actor: Actor, role: str) -> Reader:
    """The statistics of a register count exactly what the actor may read of it."""
    grasp = await grasp_of(office, reports.kinds.get(str(report.register)), actor)
    house = any(rule.reach == "house" for rule, _ in grasp.rules)
    scopes = frozenset(unit for rule, units in grasp.rules if rule.reach == "scope" for unit in units or ())
    reads = all(rule.reach in ("house", "scope") for rule, _ in grasp.rules)
    selections = {str(report.register): grasp.selection}
    return Reader((role,), selections, None if house else scopes, reads, grasp.selection.recused_hashes)


def house_selection(kind: str) -> Selection:
    """Return every record of a kind."""
    return _selection(kind, (Reach(house=True),), ())


def _selection(kind: str, reaches: tuple[Reach, ...], recused: tuple[str, ...]) -> Selection:
    return Selection(kind, reaches, own_hash=ANY_HASH, recused_hashes=recused, handler_hash=ANY_HASH)


def _reads_all(reports: Reports, report: Definition, role: str) -> bool:
    """Whether a role reads every record of the kinds that a report counts, in the whole house."""
    return all(
        any(rule.role == role and rule.reach == "house" for rule in reports.kinds.get(kind).readers)
        for kind in report.kinds
    )

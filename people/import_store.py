"""Writing what an import found, page by page, in the caller's transaction; the same lines twice change nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.office import Office
from models.org import Grant, Person, Unit
from people.import_addresses import Reached, reach
from people.persons import hash_of_name
from people.staff_rows import StaffLine
from people.unit_rows import UnitLine

PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was there already: its id in the agency and the columns that are different now."""

    code: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rows of one file; `missing` are those of the database that the file does not have."""

    added: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    same: int = 0
    missing: tuple[str, ...] = ()


NOTHING: Final = Outcome()


async def write_units(lines: Sequence[UnitLine]) -> Outcome:
    """Create and update units; parents come before their sub-units. No lines: nothing is missing either."""
    if not lines:
        return Outcome()
    existing = {unit.code: unit for unit in await Unit.all()}
    ids = {code: unit.id for code, unit in existing.items()}
    added: list[str] = []
    changed: list[Change] = []
    for line in lines:
        parent = ids[line.parent] if line.parent else None
        wanted: dict[str, Any] = {
            "parent_id": parent,
            "name_zh": line.name_zh,
            "name_en": line.name_en,
            "kind": line.kind,
        }
        if line.code not in existing:
            ids[line.code] = (await Unit.create(code=line.code, **wanted)).id
            added.append(line.code)
        elif columns := _different(existing[line.code], wanted | {"active": True}):
            await Unit.filter(code=line.code).update(**wanted, active=True)
            changed.append(Change(line.code, columns))
    missing = sorted({code for code, unit in existing.items() if unit.active} - {line.code for line in lines})
    return Outcome(tuple(added), tuple(changed), len(lines) - len(added) - len(changed), tuple(missing))


def _different(row: Any, wanted: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name.removesuffix("_id") for name, value in wanted.items() if getattr(row, name) != value)


async def write_staff(office: Office, lines: Sequence[StaffLine]) -> Outcome:
    """Create and update persons with their addresses, opt-outs and roles; some twenty statements a page."""
    if not lines:
        return Outcome()
    units = {code: unit_id for code, unit_id in await Unit.all().values_list("code", "id")}
    added: list[str] = []
    changed: list[Change] = []
    for page in _pages(lines):
        new, different = await _write_page(office, page, units)
        added += new
        changed += different
    kept = await Person.filter(kind="staff", staff_no__isnull=False).exclude(status="left").values_list("staff_no")
    missing = sorted({str(row[0]) for row in kept} - {line.staff_no for line in lines})
    return Outcome(tuple(added), tuple(changed), len(lines) - len(added) - len(changed), tuple(missing))


def _pages(lines: Sequence[StaffLine]) -> Iterator[Sequence[StaffLine]]:
    return (lines[start : start + PAGE] for start in range(0, len(lines), PAGE))


async def _write_page(
    office: Office, lines: Sequence[StaffLine], units: dict[str, int]
) -> tuple[list[str], list[Change]]:
    numbers = [line.staff_no for line in lines]
    before = {str(one.staff_no): one for one in await Person.filter(staff_no__in=numbers)}
    new = [line for line in lines if line.staff_no not in before]
    await Person.bulk_create([_new_person(office, line, units) for line in new], batch_size=500)
    persons = before | {str(one.staff_no): one for one in await Person.filter(staff_no__in=[n.staff_no for n in new])}
    columns: dict[str, list[str]] = {line.staff_no: [] for line in lines}
    for line in lines:
        if line.staff_no in before:
            columns[line.staff_no] += await _update_person(office, before[line.staff_no], line, units)
    reached = [
        Reached(persons[line.staff_no].id, line.phone, line.chat_id, line.lang, line.education_out) for line in lines
    ]
    by_id = {person.id: number for number, person in persons.items()}
    for person_id, column in await reach(office, reached):
        columns[by_id[person_id]].append(column)
    for person_id in await _write_grants(lines, persons, units):
        columns[by_id[person_id]].append("roles")
    changed = [Change(number, tuple(columns[number])) for number in numbers if number in before and columns[number]]
    return [line.staff_no for line in new], changed


def _new_person(office: Office, line: StaffLine, units: dict[str, int]) -> Person:
    return Person(
        staff_no=line.staff_no,
        kind="staff",
        name=office.key.encrypt(line.name),
        name_en=office.key.encrypt(line.name_en) if line.name_en else None,
        name_hash=hash_of_name(office, line.name),
        **_plain(line, units),
    )


def _plain(line: StaffLine, units: dict[str, int]) -> dict[str, str | int | bool | date | None]:
    return {
        "unit_id": units[line.unit],
        "post": line.post,
        "post_class": line.post_class,
        "lang": line.lang,
        "preferred_channel": line.preferred_channel,
        "status": line.status,
        "in_post_since": line.in_post_since,
        "monthly_report": line.monthly_report,
    }


async def _update_person(office: Office, person: Person, line: StaffLine, units: dict[str, int]) -> list[str]:
    """Bring a person to what the line says; return the columns that were different."""
    wanted: dict[str, Any] = _plain(line, units)
    columns = list(_different(person, wanted))
    if office.key.decrypt(person.name) != line.name:
        columns.append("name_zh")
        wanted |= {"name": office.key.encrypt(line.name), "name_hash": hash_of_name(office, line.name)}
    if (office.key.decrypt(person.name_en) if person.name_en else "") != line.name_en:
        columns.append("name_en")
        wanted["name_en"] = office.key.encrypt(line.name_en) if line.name_en else None
    if columns:
        await Person.filter(id=person.id).update(**wanted)
    return columns


async def _write_grants(lines: Iterable[StaffLine], persons: dict[str, Person], units: dict[str, int]) -> list[int]:
    """Make each person's roles those of his line; return the persons whose roles were different."""
    wanted = {
        persons[line.staff_no].id: {(role, units[code] if code else None) for role, code in line.grants}
        for line in lines
    }
    had: dict[int, set[tuple[str, int | None]]] = {person_id: set() for person_id in wanted}
    for person_id, role, scope_id in await Grant.filter(person_id__in=list(wanted)).values_list(
        "person_id", "role", "scope_id"
    ):
        had[person_id].add((role, scope_id))
    different = [person_id for person_id in wanted if wanted[person_id] != had[person_id]]
    if different:
        await Grant.filter(person_id__in=different).delete()
        rows = [
            Grant(person_id=person_id, role=role, scope_id=scope_id)
            for person_id in different
            for role, scope_id in sorted(wanted[person_id], key=str)
        ]
        await Grant.bulk_create(rows, batch_size=1000)
    return different

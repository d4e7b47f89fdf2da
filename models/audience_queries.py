"""Named queries of audiences: who gets a run, over what, who does not and why.

It is decided in one place, `chosen`: the preview reads it, the fill inserts from it, so that both agree. Nothing here
returns a row for each person, but a page of them.
"""

from dataclasses import dataclass
from typing import Any

from models import sql
from models.sql import Values
from models.states import Reason

REACHED = ("accepted", "sent", "delivered", "read")
ON_LEAVE = "on_leave"


@dataclass(frozen=True, slots=True)
class Scope:
    """An audience as ids: units with their sub-units already in it, and post classes. None means every one."""

    unit_ids: frozenset[int] | None
    post_classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Between:
    """Persons with an id above `after`, up to `to` (None: all the rest): a slice of an audience."""

    after: int
    to: int | None


def _within(column: str, slice_: Between | None, values: Values) -> str:
    """The condition that keeps a column of persons' ids in a slice, beginning with AND."""
    if slice_ is None:
        return ""
    upper = "" if slice_.to is None else f" AND {column} <= {values.put(slice_.to, 'bigint')}"
    return f" AND {column} > {values.put(slice_.after, 'bigint')}{upper}"


_PERSON = "p.id, p.staff_no, p.unit_id, p.lang, p.preferred_channel"


def staff(scope: Scope, status: str, values: Values, within: Between | None = None) -> str:
    """Staff with a status in a scope, as rows of (id, staff_no, unit_id, lang, preferred_channel)."""
    where = ["p.kind = 'staff'", f"p.status = {values.put(status)}"]
    if scope.unit_ids is not None:
        where.append(f"p.unit_id IN ({sql.ids(scope.unit_ids)})")
    if scope.post_classes is not None:
        classes = ", ".join(values.put(each) for each in scope.post_classes) or "NULL"
        where.append(f"p.post_class IN ({classes})")
    return f"SELECT {_PERSON} FROM person p WHERE {' AND '.join(where)}{_within('p.id', within, values)}"


def to_chase(first_run_id: int, values: Values, within: Between | None = None) -> str:
    """Staff still here whom a first round reached and who have not acknowledged it, as rows like those of `staff`.

    A slice is found by its persons, all of them by the run: `+` keeps a planner from the other index.
    """
    run = values.put(first_run_id, "bigint")
    told = f"m.run_id = {run}" if within is None else f"+m.run_id = {run}{_within('m.person_id', within, values)}"
    return (
        f"SELECT {_PERSON} FROM message m JOIN person p ON p.id = m.person_id "
        f"WHERE {told} AND m.state IN ({sql.words(REACHED)}) AND p.status = 'active' AND NOT EXISTS "
        f"(SELECT 1 FROM acknowledgement k WHERE k.run_id = {run} AND k.person_id = p.id)"
    )


_BETTER = """(b.bad_at IS NOT NULL, (b.channel = p.preferred_channel) IS NOT TRUE, b.channel <> 'telegram',
      a.verified_at, a.id) < (a.bad_at IS NOT NULL, (a.channel = p.preferred_channel) IS NOT TRUE,
      a.channel <> 'telegram', b.verified_at, b.id)"""


def chosen(people: str, asks_consent: str | None, values: Values, within: Between | None = None) -> str:
    """One row a person: his best address (one that is not bad, the preferred channel, Telegram, the one verified
    last), or the reason why nothing goes to him.

    `asks_consent` is the category whose opt-out holds it back, None where none does. `within` are the persons' ids
    again, so that no planner reads all addresses for a slice.
    """
    said = values.put(asks_consent) + "::text"
    return f"""WITH chosen AS (
  SELECT p.id AS person_id, p.staff_no, p.unit_id, p.lang, a.id AS address_id,
    COALESCE(a.channel, p.preferred_channel, 'sms') AS channel,
    CASE WHEN a.id IS NULL THEN '{Reason.NO_ADDRESS}' WHEN k.id IS NOT NULL THEN '{Reason.OPTED_OUT}'
      WHEN a.bad_at IS NOT NULL THEN '{Reason.BAD_ADDRESS}' END AS reason
  FROM ({people}) p
  LEFT JOIN address a ON a.person_id = p.id AND a.verified_at IS NOT NULL{_within("a.person_id", within, values)}
    AND NOT EXISTS (SELECT 1 FROM address b WHERE b.person_id = a.person_id AND b.id <> a.id
    AND b.verified_at IS NOT NULL AND {_BETTER})
  LEFT JOIN consent k ON k.address_id = a.id AND k.category = {said} AND NOT k.given)"""


async def end_of_slice(scope: Scope | None, after: int, size: int) -> int | None:
    """Return the id of the person who is `size` behind `after` in an audience (None: all staff here), None at its
    end."""
    values = Values()
    people = staff(scope or Scope(None, None), "active", values, Between(after, None))
    found = await sql.value(f"{people} ORDER BY p.id LIMIT 1 OFFSET {int(size) - 1}", *values.given)
    return None if found is None else int(found)


async def people_to_chase(first_run_id: int) -> int:
    """Return how many a first round reached who are still here and have not acknowledged."""
    values = Values()
    people = to_chase(first_run_id, values)
    return int(await sql.value(f"SELECT COUNT(*) AS n FROM ({people}) people", *values.given))


async def counted(scope: Scope, asks_consent: str | None) -> list[dict[str, Any]]:
    """Return an audience of today as figures: (lang, channel, reason, n); `on_leave` is a reason too."""
    values = Values()
    rule = chosen(staff(scope, "active", values), asks_consent, values)
    found = await sql.rows(
        f"{rule} SELECT c.lang, c.channel, c.reason, COUNT(*) AS n FROM chosen c GROUP BY c.lang, c.channel, c.reason",
        *values.given,
    )
    values = Values()
    away = await sql.value(f"SELECT COUNT(*) AS n FROM ({staff(scope, 'leave', values)}) people", *values.given)
    return [*found, {"lang": None, "channel": None, "reason": ON_LEAVE, "n": away}] if away else found


async def page(scope: Scope, asks_consent: str | None, group: str, offset: int, limit: int) -> list[dict[str, Any]]:
    """Return a page of an audience in the order of staff numbers: person_id, staff_no, unit_id, lang, channel, reason.

    `group`: to_send, skipped (a reason holds it back), on_leave (named by the rule but away).
    """
    values = Values()
    if group == ON_LEAVE:
        rule, channel, reason = staff(scope, "leave", values), "NULL", f"'{ON_LEAVE}'"
        rule, where = f"WITH chosen AS (SELECT l.id AS person_id, l.* FROM ({rule}) l)", ""
    else:
        channel, reason = "c.channel", "c.reason"
        rule = chosen(staff(scope, "active", values), asks_consent, values)
        where = f"WHERE c.reason IS {'NOT ' if group == 'skipped' else ''}NULL "
    return await sql.rows(
        f"{rule} SELECT c.person_id, c.staff_no, c.unit_id, c.lang, {channel} AS channel, {reason} AS reason "
        f"FROM chosen c {where}ORDER BY c.staff_no, c.person_id LIMIT {int(limit)} OFFSET {int(offset)}",
        *values.given,
    )

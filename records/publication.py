"""What the public reads of records: put in clear by an act, gone when the days of publication are over.

Only the fields that the kind's rule names are shown, never who filed it. What was shown stays in the record, sealed,
with its commitment in the ledger, so that it can be proved afterwards.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import Refused
from core.ledger_leaf import canonical_json
from core.office import Office
from models import register_queries
from models.record import KeyGroup, Record
from models.register import Publication
from people.access import Actor
from records.facts import as_facts
from records.groups import group_private_key
from records.kind import Kind, Kinds
from records.sealing import merged, unseal_all

LEAST: Final = 5
"""Smaller counts of a year are not said."""


@dataclass(frozen=True, slots=True)
class Published:
    """One line of the public page: what is shown, by field, and from which day to which."""

    values: Mapping[str, Any]
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True, slots=True)
class Totals:
    """What is said of a year: letters sent and their sum in minor units, publications. None: fewer than LEAST."""

    year: int
    letters: int | None
    amount: int | None
    published: int | None


async def put_up(
    office: Office, kind: Kind, record: Record, given: Mapping[str, str], actor: Actor | None
) -> dict[str, str]:
    """Keep what the public reads of a record from now on; return it as it is sealed in the record. In a transaction."""
    rule = kind.publishing
    assert rule is not None  # checked when the kind was loaded
    first, last = (given.get(name) for name in rule.days)
    if not first or not last:
        raise Refused("error.not_allowed")
    key = await group_private_key(office, await KeyGroup.get(id=record.group_id), actor)
    sealed = merged(await unseal_all(key, record.id), kind.statement)
    known: dict[str, Any] = {**sealed, **record.facts, **as_facts(kind, given)}
    values = {name: known[name] for name in rule.shows if known.get(name) not in (None, "")}
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    await Publication.create(record_id=record.id, kind=kind.id, shown=values, first_day=days[0], last_day=days[1])
    return {rule.kept: canonical_json(values).decode()}


async def take_away(record: Record) -> None:
    """Remove what the public read of a record. In a transaction."""
    await Publication.filter(record_id=record.id).delete()


async def public_list(office: Office, kind_id: str) -> list[Published]:
    """Return what the public reads today, the newest first."""
    today = office.today()
    rows = await Publication.filter(kind=kind_id, first_day__lte=today, last_day__gte=today).order_by(
        "-first_day", "-id"
    )
    return [Published(row.shown, row.first_day, row.last_day) for row in rows]


async def totals(office: Office, kind: Kind) -> Totals:
    """Return what is said of this year so far."""
    year, rule = office.today().year, kind.publishing
    assert rule is not None  # only kinds that publish are asked
    letters, amount = await register_queries.of_year(kind.id, year, *rule.letters)
    published, _ = await register_queries.of_year(kind.id, year, rule.days[0], rule.letters[1])
    shown = letters if letters >= LEAST else None
    return Totals(year, shown, amount if shown else None, published if published >= LEAST else None)


def published_kinds(kinds: Kinds) -> list[Kind]:
    """Return the kinds whose rule publishes."""
    return [kind for kind in kinds.by_id.values() if kind.publishing is not None]

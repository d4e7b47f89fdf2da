"""Raising an alert: once for the same records, to those who may know of it, else to the level above them."""

from collections.abc import Sequence
from typing import Final

from core.office import Office
from models import ledger_append, pattern_queries, record_queries
from models.org import Person
from models.record import Record
from oversight.rule import AllQuiet, Rule
from oversight.rule_file import ALERT
from people.units import UnitTree, load_tree
from records.filing import ByEngine, file
from records.handles import handles_of
from records.kind import Kinds
from records.marks import person_mark
from records.moving import locked
from records.recusal import HEAD_ROLE, RECUSED
from records.source import Source

SHOWN: Final = 50
"""How many of the records that were counted stand in an alert, the newest."""
CHANNEL: Final = "system"


async def raise_alert(office: Office, kinds: Kinds, rule: Rule, hits: Sequence[int]) -> bool:
    """File the alert of a rule for what it counted, in the caller's transaction; return whether it was news.

    The same records, or some of those of one alert, are none; months of quiet are none while one of them counts. A
    record that comes to those of an alert which is still open joins it.
    """
    if await _is_known(rule, hits):
        return False
    alert = await _described(office, rule, hits)
    if await _joined(office, kinds, rule, hits, alert):
        return True
    raised = await pattern_queries.raise_once(rule.id, _hash(office, rule, hits), hits, office.clock.now())
    if raised is None:
        return False
    source = Source(None, None, CHANNEL, office.locale)
    filed = await file(office, kinds, ALERT, {}, source, alert)
    await pattern_queries.is_raised_as(raised, filed.record_id)
    return True


async def _described(office: Office, rule: Rule, hits: Sequence[int]) -> ByEngine:
    records = await Record.filter(id__in=sorted(hits)[-SHOWN:]).order_by("id")
    return ByEngine(await _values(office, rule, records), await pattern_queries.named_or_owning(hits))


async def _joined(office: Office, kinds: Kinds, rule: Rule, hits: Sequence[int], alert: ByEngine) -> bool:
    """Add records to the open alert that counted some of them; not where others would have to handle it then."""
    found = await pattern_queries.open_alert(rule.id, hits)
    record = await locked(record_id=found.record_id) if found else None
    if found is None or record is None or record.facts.get("unit") != alert.values.get("unit"):
        return False
    added = alert.recused - await record_queries.matches(record.id, RECUSED)
    if added & await _handlers(office, kinds):
        return False
    counted = await pattern_queries.hits_of(found.id)
    await pattern_queries.add_hits(found.id, sorted(set(hits) - set(counted)))
    for hashed in sorted(added):
        await record_queries.add_match(record.id, RECUSED, hashed)
    every = await Record.filter(id__in=sorted({*counted, *hits})[-SHOWN:]).order_by("id")
    record.facts = {**record.facts, "hits": _numbers(every)}
    record.lock_version += 1
    await record.save()
    await ledger_append.append(record.id, "amended", "system", {"fields": ["hits"]}, office.clock.now())
    return True


async def _handlers(office: Office, kinds: Kinds) -> frozenset[str]:
    """The hashes of everybody whose being named may shut out somebody who handles alerts."""
    roles = {HEAD_ROLE, *(reader.role for reader in kinds.get(ALERT).readers)}
    holders = [row["person_id"] for role in sorted(roles) for row in await record_queries.persons_with_role(role)]
    return frozenset(person_mark(office, person_id) for person_id in holders)


async def _is_known(rule: Rule, hits: Sequence[int]) -> bool:
    if any(isinstance(shape, AllQuiet) for shape in rule.shapes):
        return await pattern_queries.any_counted(rule.id, hits)
    return await pattern_queries.all_counted(rule.id, hits)


def _hash(office: Office, rule: Rule, hits: Sequence[int]) -> str:
    return office.key.keyed_hash("alert", f"{rule.id} {' '.join(str(each) for each in sorted(hits))}")


async def _values(office: Office, rule: Rule, records: Sequence[Record]) -> dict[str, str]:
    tree = await load_tree()
    unit = _root(tree) if rule.to_head_office else _common_unit(tree, [each.unit_id for each in records])
    values = {
        "rule": rule.id,
        "hits": _numbers(records),
        "level": rule.level,
        "stage": rule.stage,
        "reaches_head": "true" if rule.reaches_head else "false",
        "unit": tree.by_id[unit].code if unit in tree.by_id else "",
        "person": await _owner_of(office, records) if rule.about_owner else "",
    }
    return {name: value for name, value in values.items() if value}


def _numbers(records: Sequence[Record]) -> str:
    """What a person may look a record up by; a return has no number."""
    return ";".join(each.number or each.public_id for each in records)


def _root(tree: UnitTree) -> int:
    return min((unit.id for unit in tree.by_id.values() if unit.parent_id is None), default=0)


def _common_unit(tree: UnitTree, unit_ids: Sequence[int | None]) -> int:
    """The lowest unit that holds all of them; 0 where one of them is of none."""
    chains = [tree.above(each) if each is not None else [] for each in unit_ids]
    shared = set(chains[0]).intersection(*chains[1:]) if chains else set()
    return next((each for each in chains[0] if each in shared), 0) if chains else 0


async def _owner_of(office: Office, records: Sequence[Record]) -> str:
    """The staff number of the one owner of all the records, "" where they have several or none."""
    owners = {handles_of(office, each).get("owner") for each in records}
    owner = await Person.get_or_none(id=owners.pop()) if len(owners) == 1 and None not in owners else None
    return str(owner.staff_no or "") if owner else ""

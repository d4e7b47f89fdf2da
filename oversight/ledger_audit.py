"""R15: who opened how many records of which kind, acts of two persons, exports, what was done out of hours.

From the ledger's entries; it ends with what the verification of the whole book says. Staff stand by their numbers.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from core.ledger_proof import Broken
from core.workdays import Calendar
from models import audit_queries
from models.org import Person
from oversight.counting import days_of
from oversight.making import Body, Making
from oversight.table import Cell, Column, Section, Titles
from records.checkpoints import signer
from records.kind import Kinds
from records.ledger_check import verify_database
from records.marks import actor_mark

OPENS_AT: Final = dt.time(8, 30)
CLOSES_AT: Final = dt.time(18, 0)
_OTHER: Titles = {"zh-Hans": "其他", "zh-Hant": "其他", "en": "other"}
_CHAIN: Titles = {"zh-Hans": "链校验", "zh-Hant": "鏈校驗", "en": "The ledger's own check"}
_RESULT: Titles = {"zh-Hans": "结果", "zh-Hant": "結果", "en": "result"}
_EMPTY: Titles = {"zh-Hans": "尚无条目。", "zh-Hant": "尚無條目。", "en": "There is no entry yet."}
_FIGURES: Final = ("count", "sealed", "two_person", "exports", "after_hours")


async def ledger_audit(making: Making) -> Body:
    """Return a row for each member of staff and kind of record, and whether the book is sound."""
    columns = tuple(cell.column for cell in making.cells())
    kinds = making.reports.kinds
    added = await _added(making)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (who, kinds.by_id[kind].titles if kind in kinds.by_id else _OTHER, *(added[who, kind][n] for n in _FIGURES))
        for who, kind in sorted(added)
    )
    total: tuple[Cell, ...] = ("", None, *(sum(each[name] for each in added.values()) for name in _FIGURES))
    chain = Section(_CHAIN, (Column("result", _RESULT, "titles"),), ((await _chain(making),),))
    return Body(columns, rows, total, sections=(chain,))


async def _added(making: Making) -> dict[tuple[str, str], dict[str, int]]:
    office = making.office
    names = {actor_mark(office, each): number for each, number in await Person.all().values_list("id", "staff_no")}
    days = days_of(office, making.period)
    found = await audit_queries.by_half_hour(
        days.begin, days.end, _sealed_fields(making.reports.kinds), making.reader.recused
    )
    added: dict[tuple[str, str], dict[str, int]] = {}
    for row in found:
        if row["actor"] not in names:
            continue
        figures = added.setdefault((names[row["actor"]] or "", row["kind"] or ""), dict.fromkeys(_FIGURES, 0))
        for name in _FIGURES[:-1]:
            figures[name] += row[name]
        if _is_out_of_hours(office.calendar, row["moment"].astimezone(office.zone)):
            figures["after_hours"] += row["entries"]
    return added


def _sealed_fields(kinds: Kinds) -> Mapping[str, list[str]]:
    return {kind.id: [each.id for each in kind.fields.values() if not each.fact] for kind in kinds.by_id.values()}


def _is_out_of_hours(calendar: Calendar, local: dt.datetime) -> bool:
    return not calendar.is_working(local.date())[0] or not OPENS_AT <= local.time() < CLOSES_AT


async def _chain(making: Making) -> Titles:
    head = await audit_queries.log_id()
    if head is None:
        return _EMPTY
    try:
        sound = await verify_database((await signer(making.office, head)).verifier, ())
    except Broken as broken:
        place = "?" if broken.seq is None else broken.seq
        return {
            "zh-Hans": f"断于第{place}条，立即报告。",
            "zh-Hant": f"斷於第{place}條，立即報告。",
            "en": f"Broken at entry {place}: report this at once.",
        }
    return {
        "zh-Hans": f"完好，共{sound.entries}条。",
        "zh-Hant": f"完好，共{sound.entries}條。",
        "en": f"Sound: {sound.entries} entries.",
    }

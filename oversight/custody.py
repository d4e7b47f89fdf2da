"""R07: what was handed in and what became of it, row by row, and the books of the store, which must balance.

Received counts by the day of taking in, disposed of by the date of disposal. What is in the store at the end is
counted by itself; it must be what was there at the beginning and came in, less what left.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.clock import local_day
from models import report_queries
from models.register import CustodyCount
from models.report_queries import Days, Figure, Place, Test
from oversight.counting import days_of
from oversight.making import Body, Making
from oversight.table import Cell, Column, Section, Titles
from records.kind import Kind

MOST_ROWS: Final = 5000
_LEFT: Final = Place("facts", ("disposal_date",), "day")
_AMOUNT: Final = Place("facts", ("amount_cny",), "number")
_DISPOSAL: Final = Place("facts", ("disposal",))
_TITLES: Final[Mapping[str, Titles]] = {
    "books": {"zh-Hans": "对账", "zh-Hant": "對賬", "en": "Books of the store"},
    "item": {"zh-Hans": "项目", "zh-Hant": "項目", "en": "item"},
    "number": {"zh-Hans": "件数", "zh-Hant": "件數", "en": "number"},
    "amount": {"zh-Hans": "金额", "zh-Hant": "金額", "en": "amount"},
    "opening": {"zh-Hans": "期初", "zh-Hant": "期初", "en": "opening"},
    "received": {"zh-Hans": "本期收入", "zh-Hant": "本期收入", "en": "received"},
    "other": {"zh-Hans": "减：未注明处置", "zh-Hant": "減：未註明處置", "en": "less: disposal not said"},
    "closing": {"zh-Hans": "期末在库", "zh-Hant": "期末在庫", "en": "closing, in the store"},
    "difference": {"zh-Hans": "差额", "zh-Hant": "差額", "en": "difference"},
    "counts": {"zh-Hans": "实物清点", "zh-Hant": "實物清點", "en": "Counted by hand"},
    "day": {"zh-Hans": "清点日", "zh-Hant": "清點日", "en": "day"},
    "expected": {"zh-Hans": "应有", "zh-Hant": "應有", "en": "should be there"},
    "found": {"zh-Hans": "实有", "zh-Hant": "實有", "en": "found"},
    "balances": {"zh-Hans": "账目相符。", "zh-Hant": "賬目相符。", "en": "The books balance."},
    "broken": {
        "zh-Hans": "账目不符，请逐件核对。",
        "zh-Hant": "賬目不符，請逐件核對。",
        "en": "The books do not balance: look at each thing.",
    },
}


@dataclass(frozen=True, slots=True)
class _Store:
    """Where it stands of a kind with a store that a thing was taken in, is there, or has left."""

    kind: Kind
    taken_in: Place
    there: Test
    gone: Test

    @classmethod
    def of(cls, making: Making) -> "_Store":
        """Return the store of the kind that the report reads; a thing leaves it by an act that ends its track."""
        kind = making.reports.kinds.get(making.report.kinds[0])
        store = kind.store
        assert store is not None
        track, held = kind.tracks[store.track], store.kept[0]
        ends = tuple(sorted({move.to for move in track.transitions if set(move.sources) & set(store.kept)}))
        gone = tuple(state for state in ends if track.states[state].terminal)
        place = Place("tracks", (track.id,))
        taken_in = Place("facts", ("@course", "entered", f"{track.id}.{held}"), "moment")
        return cls(kind, taken_in, Test(place, "in", tuple(store.kept)), Test(place, "in", gone))


async def custody_ledger(making: Making) -> Body:
    """Return the things that were in the store on any day of the period, its books, and what was counted by hand."""
    store = _Store.of(making)
    kind = store.kind
    columns = tuple(cell.column for cell in making.cells())
    rows = [_row(making, kind, each) for each in await _listed(making, store)]
    amounts = [row["amount"] for row in rows if row["amount"] is not None]
    total = {"no": str(len(rows)), "amount": sum(amounts)}
    books = await _books(making, store)
    return Body(
        columns,
        tuple(tuple(row[column.id] for column in columns) for row in rows),
        tuple(total.get(column.id) for column in columns),
        sections=(_section(kind, books), *await _counts(making)),
    )


async def _listed(making: Making, store: _Store) -> list[dict[str, Any]]:
    """Everything taken in by the end and not gone before the beginning."""
    days = days_of(making.office, making.period)
    day_before = str(days.first - dt.timedelta(days=1))
    still = (store.there, Test(_LEFT, "gt", (day_before,)))
    figure = Figure("listed", still, every=False, by=store.taken_in, days=days, until=True)
    names = ("custody_no", "receipt_no", "kind", "amount_cny", "disposal", "disposal_date", "treasury_doc")
    places = {"held": store.taken_in, **{name: Place("facts", (name,)) for name in names}}
    return await report_queries.listed(making.reader.selections[store.kind.id], figure, places, MOST_ROWS)


def _row(making: Making, kind: Kind, found: Mapping[str, Any]) -> dict[str, Any]:
    handed = local_day(dt.datetime.fromisoformat(found["held"]), making.office.zone)
    left = dt.date.fromisoformat(found["disposal_date"]) if found["disposal_date"] else None
    has_left = left is not None and left <= making.period.last
    last = left if has_left and left else min(making.period.last, making.office.today())
    return {
        "no": found["number"],
        "custody_no": found["custody_no"] or "",
        "date": handed,
        "thing": _choice(kind, "kind", found["kind"]),
        "amount": int(found["amount_cny"]) if found["amount_cny"] else None,
        "receipt": found["receipt_no"] or "",
        "disposal": _choice(kind, "disposal", found["disposal"]) if has_left else None,
        "disposed": left if has_left else None,
        "doc": (found["treasury_doc"] or "") if has_left else "",
        "left": (last - handed).days,
    }


def _choice(kind: Kind, name: str, key: str | None) -> Titles | None:
    choices = kind.fields[name].choices or {}
    return choices[key].titles if key is not None and key in choices else None


async def _books(making: Making, store: _Store) -> dict[str, tuple[int, int]]:
    """Return number and amount (in fen) of each line of the books, `difference` last."""
    ways = tuple(store.kind.fields["disposal"].choices or {})
    wanted = _figures(store, days_of(making.office, making.period), ways)
    amounts = [replace(each, key=f"{each.key} sum", sum=_AMOUNT) for each in wanted]
    found = await report_queries.by_unit(making.reader.selections[store.kind.id], [*wanted, *amounts])
    totals = {key: sum(row[key] for row in found.values()) for key in (each.key for each in [*wanted, *amounts])}

    def of(key: str) -> tuple[int, int]:
        return totals.get(key, 0), totals.get(f"{key} sum", 0)

    gone = {way: of(f"out {way}") for way in ways}
    gone["other"] = _minus(of("out"), *gone.values())
    opening = _minus(of("in_before"), of("out_before"))
    left = _minus(_plus(opening, of("received")), *gone.values())
    books = {"opening": opening, "received": of("received"), **gone, "closing": of("closing")}
    return {**books, "difference": _minus(left, of("closing"))}


def _figures(store: _Store, days: Days, ways: tuple[str, ...]) -> list[Figure]:
    before = replace(days, last=days.first - dt.timedelta(days=1), end=days.begin)
    there = (store.there, Test(_LEFT, "gt", (str(days.last),)))
    return [
        Figure("in_before", by=store.taken_in, days=before, until=True),
        Figure("out_before", (store.gone,), by=_LEFT, days=before, until=True),
        Figure("received", by=store.taken_in, days=days),
        Figure("out", (store.gone,), by=_LEFT, days=days),
        *(Figure(f"out {way}", (store.gone, Test(_DISPOSAL, "eq", (way,))), by=_LEFT, days=days) for way in ways),
        Figure("closing", there, every=False, by=store.taken_in, days=days, until=True),
    ]


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _minus(one: tuple[int, int], *others: tuple[int, int]) -> tuple[int, int]:
    return one[0] - sum(each[0] for each in others), one[1] - sum(each[1] for each in others)


async def _counts(making: Making) -> list[Section]:
    """What two persons counted in the period; its difference must be nil too."""
    first, last = making.period.first, making.period.last
    found = await CustodyCount.filter(state="done", day__gte=first, day__lte=last).order_by("id")
    columns = (
        Column("day", _TITLES["day"], "date"),
        Column("expected", _TITLES["expected"], "count"),
        Column("found", _TITLES["found"], "count"),
        Column("difference", _TITLES["difference"], "count"),
    )
    rows = tuple((each.day, each.expected, each.found, each.expected - each.found) for each in found)
    return [Section(_TITLES["counts"], columns, rows)] if rows else []


def _section(kind: Kind, books: Mapping[str, tuple[int, int]]) -> Section:
    columns = (
        Column("item", _TITLES["item"], "titles"),
        Column("number", _TITLES["number"], "count"),
        Column("amount", _TITLES["amount"], "money"),
    )
    ways = kind.fields["disposal"].choices or {}
    rows: list[tuple[Cell, ...]] = []
    for name, (number, amount) in books.items():
        if name in ways:
            rows.append((_less(ways[name].titles), number, amount))
        elif name != "other" or number or amount:
            rows.append((_TITLES[name], number, amount))
    return Section(
        _TITLES["books"], columns, tuple(rows), _TITLES["broken" if any(books["difference"]) else "balances"]
    )


def _less(titles: Titles) -> Titles:
    return {
        lang: ("less: " if lang == "en" else "减：" if lang == "zh-Hans" else "減：") + text
        for lang, text in titles.items()
    }

"""Rates of exchange by day: taken in from a table, and what a foreign amount was worth on the day of a record.

The rate of that day counts, else the last one before it; the record keeps the rate with its day. What nobody has a rate
for is worked out by hand, by the act that takes in or verifies.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from core.money import CODES
from core.office import Office
from models import ledger_append, register_queries, sql
from models.register import ExchangeRate
from people.access import Actor, check_may
from people.csv_table import Problem, Row, read_table
from people.row_checks import Checks
from records.facts import CURRENCY, MONEY, with_home_amount
from records.kind import Field, Kind
from records.marks import actor_mark

COLUMNS: Final = ("day", "currency", "rate", "source")
MOST_ROWS: Final = 20_000
_MOST_RATE: Final = Decimal(1_000_000)
_PLACES: Final = 10


@dataclass(frozen=True, slots=True)
class RateLine:
    """One line of the table: what one unit of a currency was worth in the home currency on a day, and who says so."""

    day: dt.date
    currency: str
    rate: str
    source: str


@dataclass(frozen=True, slots=True)
class RatesReport:
    """What an import did: how many rates are new, changed, the same; or what is wrong, and then nothing was written."""

    added: int = 0
    changed: int = 0
    same: int = 0
    problems: tuple[Problem, ...] = ()


def read_rates(data: bytes, today: dt.date, home: str) -> tuple[list[RateLine], list[Problem]]:
    """Return the rates of a CSV file (day, currency, rate, source) and what is wrong with it."""
    table = read_table("rates", data, COLUMNS, COLUMNS)
    checks = Checks("rates")
    checks.problems += table.problems
    if len(table.rows) > MOST_ROWS:
        return [], [Problem("rates", 1, "", "rates.many", {"max": MOST_ROWS})]
    lines = [_line(row, checks, today, home) for row in table.rows]
    return [line for line in lines if line is not None], checks.problems


def _line(row: Row, checks: Checks, today: dt.date, home: str) -> RateLine | None:
    before = len(checks.problems)
    day, currency, rate = _day(row, checks, today), row["currency"].upper(), _rate(row, checks)
    if currency not in CODES or currency == home:
        checks.wrong(row, "currency", "rates.currency")
    source = checks.words(row, "source", most=80, needed=True)
    checks.once(row, "currency", f"{currency} {day}")
    return RateLine(day, currency, rate, source) if day and rate and len(checks.problems) == before else None


def _day(row: Row, checks: Checks, today: dt.date) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(row["day"])
    except ValueError:
        checks.wrong(row, "day", "rates.day")
        return None
    if day > today:
        checks.wrong(row, "day", "rates.future")
        return None
    return day


def _rate(row: Row, checks: Checks) -> str:
    try:
        rate = Decimal(row["rate"])
    except InvalidOperation:
        rate = Decimal(-1)
    if not rate.is_finite() or not 0 < rate < _MOST_RATE or round(rate, _PLACES) != rate:
        checks.wrong(row, "rate", "rates.rate")
        return ""
    return f"{rate.normalize():f}"


async def import_rates(office: Office, actor: Actor, data: bytes, home: str) -> RatesReport:
    """Take a table in, all of it or nothing; a rate of the same day and currency is replaced. Raises NotAllowed."""
    check_may(actor, "rates.manage")
    lines, problems = read_rates(data, office.today(), home)
    if problems:
        return RatesReport(problems=tuple(problems))
    now = office.clock.now()
    async with sql.transaction():
        known = await register_queries.rates_of({(line.currency, line.day) for line in lines})
        new = [line for line in lines if (line.currency, line.day) not in known]
        told = [line for line in lines if known.get((line.currency, line.day)) not in (None, (line.rate, line.source))]
        for line in (*new, *told):
            await register_queries.put_rate(line.day, line.currency, line.rate, line.source, actor.person_id, now)
        detail = {
            "added": len(new),
            "changed": len(told),
            "days": sorted({f"{line.day}" for line in (*new, *told)})[:50],
        }
        await ledger_append.append(None, "rates_imported", actor_mark(office, actor.person_id), detail, now)
    return RatesReport(len(new), len(told), len(lines) - len(new) - len(told))


async def newest_rates(limit: int = 100) -> Sequence[ExchangeRate]:
    """Return the newest rates, by day and currency."""
    return await ExchangeRate.all().order_by("-day", "currency").limit(limit)


async def valued(kind: Kind, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts with the amount in the home currency: as it is, by the rate of the day, or without it.

    With a rate come the rate and its day; without one both are left out.
    """
    known = with_home_amount(kind, facts)
    home, rate, day = (kind.with_source(source) for source in ("home_amount", "exchange_rate", "rate_day"))
    if home is None or rate is None or day is None:
        return known
    kept = {name: value for name, value in known.items() if name not in (rate.id, day.id)}
    if home.id in kept:
        return kept
    amount, currency, on = (_value(kind, kept, sort) for sort in (MONEY, CURRENCY, "date"))
    found = await register_queries.rate_on(str(currency), str(on)) if isinstance(amount, int) and on else None
    if found is None:
        return kept
    worth = (Decimal(amount) * Decimal(found[0])).quantize(Decimal(1), ROUND_HALF_UP)
    return {**kept, home.id: int(worth), rate.id: found[0], day.id: found[1].isoformat()}


async def valued_if_missing(kind: Kind, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts, with the amount in the home currency where a rate is known by now that was not before."""
    home = kind.with_source("home_amount")
    return dict(facts) if home is None or home.id in facts else await valued(kind, facts)


def without_rate(kind: Kind, facts: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts without the rate where somebody gave the amount in the home currency himself."""
    home, rate, day = (kind.with_source(source) for source in ("home_amount", "exchange_rate", "rate_day"))
    if home is None or home.id not in given:
        return dict(facts)
    return {name: value for name, value in facts.items() if name not in {one.id for one in (rate, day) if one}}


def _value(kind: Kind, facts: Mapping[str, Any], sort: str) -> Any:
    """The first fact of a type that somebody gave: the amount, its currency, the day on which it was received."""
    field: Field | None = next((one for one in kind.fields.values() if one.type == sort and one.source is None), None)
    return facts.get(field.id) if field else None

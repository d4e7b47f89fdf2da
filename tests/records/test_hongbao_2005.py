"""A year of the register: 390 gifts filed, verified, written about and published through the engine, and counted."""

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models import sql
from models.org import Unit
from models.record import Record
from records import system_acts
from records.acts import do_act
from records.filing import Filed, file
from records.source import Source
from tests.records.conftest import House

TABLE = Path(__file__).parents[1] / "data" / "hongbao_2005.csv"
FILED, TOLD, LETTER, PUBLISHED = range(4)
HOUR = 9


@dataclass(frozen=True)
class Day:
    """Something that happens to one gift on a day; what is filed comes before what follows it."""

    day: dt.date
    sort: int
    row: dict[str, str]


def year() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def days(rows: list[dict[str, str]]) -> list[Day]:
    return sorted((each for row in rows for each in _days(row)), key=lambda each: (each.day, each.sort))


def _days(row: dict[str, str]) -> Iterator[Day]:
    received = dt.date.fromisoformat(row["received_at"])
    yield Day(received, FILED, row)
    yield Day(dt.date.fromisoformat(row["letter_sent"]), LETTER, row)
    if row["published_from"]:
        yield Day(received, TOLD, row)
        yield Day(dt.date.fromisoformat(row["published_from"]), PUBLISHED, row)


@dataclass
class Register:
    """Does what the days of the year tell."""

    house: House
    filed: dict[str, Filed]
    units: dict[str, int]

    async def at(self, day: dt.date) -> None:
        """Go on to the morning of a day; what the clock itself does before it is done."""
        office = self.house.office
        self.house.clock.move_to(dt.datetime.combine(day, dt.time(HOUR), ZoneInfo("Asia/Shanghai")))
        while await system_acts.step(office, self.house.kinds):
            pass

    async def do(self, each: Day) -> None:
        row = each.row
        if each.sort == FILED:
            await self.file(row)
            await self.act(row, "integrity_head", "核实", **({"bribery": "true"} if row["bribery"] == "y" else {}))
        elif each.sort == TOLD:
            await self.act(row, "integrity_head", "告知")
        elif each.sort == LETTER:
            letter = {name: row[name] for name in ("letter_no", "letter_to", "letter_sent")}
            await self.act(row, "integrity_head", "致函", **letter)
        else:
            await self.act(row, "leader", "批准")
            await self.act(row, "integrity_head", "批准")
            await self.act(row, "integrity_head", "公布")

    async def file(self, row: dict[str, str]) -> None:
        """File a gift as the officer to whom it was given, of the unit of the row."""
        officer = self.house.persons["officer"]
        officer.unit_id = self.units[row["unit_id"]]
        await officer.save(update_fields=["unit_id"])
        values = {
            "received_at": row["received_at"],
            "giver_name": row["giver_code"],
            "giver_org": row["giver_code"],
            "kind": row["kind"],
            "amount": row["amount_cny"],
            "officers_same_occasion": row["officers_same_occasion"],
            "handling": row["handling"],
        }
        source = Source(self.house.numbers["officer"], officer.id, "telegram", "zh-Hans", "bound_account")
        async with sql.transaction():
            self.filed[row["record"]] = await file(self.house.office, self.house.kinds, "gift", values, source)

    async def act(self, row: dict[str, str], who: str, name: str, **values: str) -> None:
        actor = await self.house.actor(who)
        await do_act(self.house.office, self.house.kinds, actor, self.filed[row["record"]].public_id, name, values)


async def play_the_year(house: House) -> Register:
    """Let everything happen that the table tells, and the two months after it."""
    rows = year()
    codes = sorted({row["unit_id"] for row in rows})
    for place, code in enumerate(codes, 100):
        await Unit.get_or_create(code=code, defaults={"id": place, "name_zh": code, "name_en": code})
    register = Register(house, {}, dict(await Unit.filter(code__in=codes).values_list("code", "id")))
    for each in days(rows):
        await register.at(each.day)
        await register.do(each)
    await register.at(dt.date(2006, 3, 1))
    return register


@pytest.mark.timeout(600)
async def test_the_year_is_counted_from_its_facts(house: House) -> None:
    register, rows = await play_the_year(house), year()
    records = {record.number: record for record in await Record.filter(kind="gift")}
    facts = {row["record"]: records[register.filed[row["record"]].number].facts for row in rows}
    sent = [each for each in facts.values() if each["letter_sent"][:4] == "2005"]
    assert len(sent) == 390
    assert Decimal(sum(each["amount_cny"] for each in sent)) / 100 == Decimal("529800.00")
    assert len([each for each in facts.values() if each.get("published_from", "")[:4] == "2005"]) == 42
    for row in rows:
        found = facts[row["record"]]
        assert found.get("publish_reasons", "") == row["expected_publish_reason"], row["record"]
        wanted = (row["published_from"], row["published_to"])
        assert (found.get("published_from", ""), found.get("published_to", "")) == wanted, row["record"]
    ended = [each.tracks["publication"] for each in records.values()]
    assert (ended.count("ended"), ended.count("not_met")) == (42, 348)

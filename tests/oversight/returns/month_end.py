"""What the tests of returns do again and again: move the clock, answer, look up a return and what was said."""

from datetime import datetime

from models import sql
from models.outgoing import Message
from models.record import Record
from models.return_queries import return_of
from oversight import returns
from oversight.returns_answer import Outcome, answer
from records import system_acts
from records.marks import person_mark
from records.source import Source
from tests.records.conftest import House


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


async def run(house: House) -> None:
    """Let the pump do everything that is due."""
    while await returns.step(house.office, house.kinds):
        pass


async def open_september(house: House) -> None:
    house.clock.move_to(at("2026-09-30T10:00"))
    await run(house)


async def clock_acts(house: House, moment: str) -> None:
    house.clock.move_to(at(moment))
    await system_acts.step(house.office, house.kinds)


async def of(house: House, name: str, period: str = "2026-09") -> Record:
    """Return somebody's return."""
    record_id = await return_of(person_mark(house.office, house.persons[name].id), period)
    assert record_id is not None
    return await Record.get(id=record_id)


async def says(house: House, name: str, raw: str = "0", *, period: str = "2026-09", **given: str) -> Outcome:
    """Let somebody answer; without fields he says zero."""
    record = await of(house, name, period)
    source = Source(house.numbers[name], house.persons[name].id, "telegram", "zh-Hans", "bound_account")
    async with sql.transaction():
        return await answer(house.office, house.kinds, record.id, given or {"reply": "0"}, raw, source)


async def told(key: str) -> list[int | None]:
    """Return to whom a text was said, in order."""
    return [each.person_id for each in await Message.filter(text_key=key).order_by("id")]

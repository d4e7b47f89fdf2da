"""S04: the monthly return of September: opened by itself, answered, reminded of, entered from paper, amended."""

from collections.abc import Awaitable, Callable, Mapping

from messaging import addresses
from models import sql
from models.org import Person
from models.returns import MonthlyReturn
from records import system_acts
from records.filing import file
from records.source import Source
from tests.records.conftest import GIFT, INTERCESSION
from tests.scenarios.people import contacts
from tests.scenarios.play import Play

SILENT = ("9021015", "9021038", "9021040")
PLEAS = {"9021033": "2026-09-08", "9021022": "2026-09-14", "9021023": "2026-09-16", "9021024": "2026-09-16"}
GIFTS = {"9021037": "2026-09-07", "9021023": "2026-09-11", "9021029": "2026-09-15"}


async def given(play: Play) -> None:
    """What was registered before the end of the month, of the base and of this day."""
    for staff_no, day in PLEAS.items():
        await _file(play, "intercession", staff_no, INTERCESSION | {"occurred_at": day})
    for staff_no, day in GIFTS.items():
        await _file(play, "gift", staff_no, GIFT | {"received_at": day})


async def _file(play: Play, kind: str, staff_no: str, values: Mapping[str, str]) -> None:
    person, contact = await Person.get(staff_no=staff_no), contacts()[staff_no]
    channel, identity = ("sms", contact.phone) if contact.phone else ("telegram", contact.chat)
    address = await addresses.find(play.stage.office, channel, identity)
    assert address is not None
    source = Source(address.id, person.id, channel, person.lang, "signing_code")
    async with sql.transaction():
        await file(play.stage.office, play.stage.kinds, kind, values, source)


async def open_month(play: Play) -> None:
    """The pump runs, and again; nothing else is done. What alerts say of the given records is not looked at."""
    await play.stage.settle()
    await play.listen()
    play.heard = [each for each in play.heard if play.says("T-ZERO-ASK", each.text)]
    play.said_since = 0
    play.kept["asked"] = [each.to for each in play.heard]


async def nothing_yet(play: Play) -> None:
    """What looks after limits is run; there is nothing to say on the day of the question."""
    await system_acts.step(play.stage.office, play.stage.kinds)
    await play.stage.settle()
    await play.listen()


async def others(play: Play) -> None:
    """Everybody whose return is still open answers 0 where he was asked, but three."""
    for staff_no, contact in contacts().items():
        person = await Person.get_or_none(staff_no=staff_no)
        if person is None or staff_no in SILENT or not await _is_open(play, staff_no):
            continue
        by_chat = contact.chat in play.kept["asked"]
        await play.say(staff_no, "chat" if by_chat else "sms", "0")


async def _is_open(play: Play, staff_no: str) -> bool:
    if not await MonthlyReturn.exists() or staff_no == "9021014":
        return False
    return (await play.return_of(staff_no)).state == "open"


async def enter_paper(play: Play) -> None:
    """The reminder went to those missing alone; then the officer enters what was handed in on paper."""
    reminded = [each.to for each in play.passed if play.says("T-ZERO-ASK", each.text)]
    missing = [{contacts()[one].phone, contacts()[one].chat} for one in SILENT if one != "9021040"]
    assert len(reminded) == len(missing)
    assert all(any(to in one for to in reminded) for one in missing)
    page = "/returns/2026-09/U14"
    record = await play.return_of("9021040")
    fields = {"return": record.public_id, "answer": "zero"}
    answer = await play.send(page, f"{page}/paper", fields)
    assert answer.status == 200, answer.words


async def overdue(play: Play) -> None:
    """It happened while the clock went to nine; the head of a unit sees who is missing, not what others answered."""
    heads = [each for each in play.passed if play.says("T-ZERO-HEAD", each.text)]
    play.heard = [each for each in play.passed if each not in heads]
    play.kept["heads"] = {each.to for each in heads}
    play.kept["head_page"] = (await play.look("/returns?month=2026-09", "9021018")).words
    unit = (await play.return_of("9021038")).facts["officer_unit"]
    play.kept["head_unit_page"] = (await play.look(f"/returns/2026-09/{unit}", "9021018")).words


async def nothing(play: Play) -> None:
    """Only looked at."""


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "1": open_month,
    "2": nothing_yet,
    "15": others,
    "16": enter_paper,
    "17": overdue,
    "end": nothing,
}

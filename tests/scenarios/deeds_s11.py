"""S11: the first two minutes. The demo itself is started for what it prints and shows; the story is played besides."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from campaigns.results import counts
from models.record import Record
from service.demo import organisation
from tests.scenarios import demo_once
from tests.scenarios.people import DEMO_PASSWORD
from tests.scenarios.play import Play

EDITOR, APPROVER, CLERK = "9021012", "9021013", "9021010"
DRIVER = "X06"


async def given(play: Play) -> None:
    """The reminder of the demo: written, tested, submitted, due at nine; the approver has approved it."""
    stage = play.stage
    making = asyncio.create_task(organisation.prepare(stage.office, stage.kinds, play.scenario.start, DEMO_PASSWORD))
    while not making.done():
        await stage.settle()
        await asyncio.sleep(0.05)
    play.campaign_id = await making
    page = f"/reminders/{play.campaign_id}"
    assert (await play.send(page, f"{page}/acts/approve", {}, APPROVER)).status == 200
    play.kept["owner"] = DRIVER


async def start_demo(play: Play) -> None:
    """One command, nothing to answer, ended by Ctrl-C."""
    play.kept["demo"] = await demo_once.seen()


async def nothing(play: Play) -> None:
    """Only looked at."""


async def _acked(play: Play) -> int:
    return (await counts(play.stage.office, await play.run())).acked


async def acknowledge(play: Play) -> None:
    """At nine the reminder is on the phone; he answers it."""
    await play.stage.move_to(play.scenario.start + timedelta(hours=1))
    await play.listen()
    assert any("月饼" in text for text in play.texts_to("9021022", last=False))
    play.kept["acked_before"] = await _acked(play)
    await play.say("9021022", "sms", "收到")


async def accept(play: Play) -> None:
    """The clerk gives the two fields that the page asks for."""
    answer = await play.act("受理", category="c04", unit="U10C")
    assert answer.status == 200, answer.words


async def look(play: Play) -> None:
    """Both open the register and the record."""
    record = await Record.filter(kind="intercession").order_by("-id").first()
    assert record is not None
    for staff_no in ("9021005", "9021021"):
        browser = await play.browser(staff_no)
        pages = [
            await browser.get(path) for path in ("/records/intercession", f"/records/intercession/{record.public_id}")
        ]
        play.kept[staff_no] = [page.status == 200 and str(record.number) in page.words for page in pages]


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "1": start_demo,
    "2": nothing,
    "3": acknowledge,
    "5": accept,
    "7": look,
    "8": nothing,
    "end": nothing,
}

"""S12: the run to 500, without the kills: those are in tests/faults, which kills the real process."""

from collections.abc import Awaitable, Callable, Mapping

from campaigns import running
from models.campaign import Campaign
from people.importing import import_people
from tests.scenarios.play import Play

OPTED_OUT, WITHOUT_NUMBER = range(10, 17), (101, 202, 303)
TEXTS = {
    "text_zh-Hans": "请核对本岗位廉政风险点清单。",
    "text_zh-Hant": "請核對本崗位廉政風險點清單。",
    "text_en": "Please check the list of risks of your post.",
}


async def given(play: Play) -> None:
    """500 people with a number and SMS as their channel; 7 want no education, 3 have no number.

    The product has no tags: they are a unit of their own.
    """
    unit = "unit_id,parent,name_zh,name_en\nU90,U00,演练名册,Drill list\n"
    head = "staff_no,name_zh,unit_id,phone,lang,preferred_channel,education_msgs\n"
    staff = head + "".join(_person(n) for n in range(1, 501))
    report = await import_people(play.stage.office, units=unit.encode(), staff=staff.encode(), phones="possible")
    assert report.written
    await play.stage.sandbox.fault("late_receipt", match={"every": 5}, ms=20)
    await play.stage.sandbox.fault("duplicate_receipt", match={"every": 10})


def _person(n: int) -> str:
    lang = "zh-Hans" if n <= 400 else "zh-Hant" if n <= 450 else "en"
    phone = "" if n in WITHOUT_NUMBER else f"+86100900000{n:03d}"
    return f"95{n:05d},演练{n:03d},U90,{phone},{lang},sms,{'out' if n in OPTED_OUT else 'in'}\n"


async def write_test_submit(play: Play) -> None:
    """Write it for their unit, to leave when it is approved; test message; send for approval."""
    changes = {"title": "五百人", "when": "approval", "units": "U90", "category": "education", **TEXTS}
    await play.send("/reminders/new?template=own", "/reminders/new", changes)
    campaign = await Campaign.all().order_by("-id").first()
    assert campaign is not None
    play.campaign_id = campaign.public_id
    await act(play, "test")
    await act(play, "submit")


async def act(play: Play, name: str) -> None:
    """Press a button of the reminder's page."""
    page = f"/reminders/{play.campaign_id}"
    answer = await play.send(page, f"{page}/acts/{name}", {})
    assert answer.status == 200, answer.words


async def approve(play: Play) -> None:
    """Approve; nothing has been filled yet when the page answers."""
    page = f"/reminders/{play.campaign_id}"
    browser = await play.browser(play.step.who)
    play.page = await browser.post(f"{page}/acts/approve", {}, page=page)
    assert play.page.status == 200, play.page.words


async def fill(play: Play) -> None:
    """The due moment becomes a run, the run becomes rows."""
    assert await running.step(play.stage.office)


async def open_run(play: Play) -> None:
    """Everything leaves and is reported, late and twice; then the page of the run is opened."""
    await play.stage.settle()
    run = await play.run()
    page = await play.look(f"/reminders/{play.campaign_id}/runs/{run.public_id}")
    assert page.status == 200
    ledger = [row["to"] for row in await play.stage.sandbox.ledger() if row["to"].startswith("+86100900")]
    assert (len(ledger), len(set(ledger))) == (490, 490)


async def nothing(play: Play) -> None:
    """Only looked at."""


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "1": write_test_submit,
    "2": approve,
    "3": fill,
    "9": open_run,
    "end": nothing,
}

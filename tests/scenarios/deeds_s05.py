"""S05: the same broker gives twice: custody by two persons, letters, the publication of the second gift."""

from collections.abc import Awaitable, Callable, Mapping

from models.record import Record
from tests.console.browser import Answer
from tests.scenarios.play import Play

FIRST_OWNER, SECOND_OWNER = "9021023", "9021029"
CUSTODIAN, SECOND_CUSTODIAN = "9021007", "9021008"
HEAD, UNIT_HEAD = "9021004", "9021020"
SLIP = {"custody_no": "B-17", "receipt_no": "S-17"}


async def given(play: Play) -> None:
    """Nothing is registered yet."""


async def _act(play: Play, who: str, record: Record, name: str, **fields: str) -> Answer:
    """Do an act by the form of the record's page; what stood there before is kept as what was seen."""
    path = f"/records/{record.kind}/{record.public_id}"
    browser = await play.browser(who)
    play.kept["looked"] = (await browser.get(path)).words
    play.page = await browser.post(f"{path}/act", {"act": name, **fields}, page=path)
    await play.stage.settle()
    await play.listen()
    return play.page


async def _done(play: Play, who: str, record: Record, name: str, **fields: str) -> None:
    answer = await _act(play, who, record, name, **fields)
    assert answer.status == 200, answer.words


def act(name: str, **fields: str) -> Callable[[Play], Awaitable[None]]:
    """Return the deed of an act of who the step is about, on the record that it is about."""

    async def deed(play: Play) -> None:
        await _done(play, play.step.who, await play.record(), name, **fields)

    return deed


def alone(name: str, **fields: str) -> Callable[[Play], Awaitable[None]]:
    """Return the deed of somebody who gives what an act of two persons needs, then confirms it himself."""

    async def deed(play: Play) -> None:
        record = await play.record()
        await _done(play, play.step.who, record, name, **fields)
        seen = play.kept["looked"]
        await _act(play, play.step.who, record, name)
        play.kept["looked"] = seen

    return deed


def second(who: str, name: str) -> Callable[[Play], Awaitable[None]]:
    """Return the deed of the second person, who confirms what waits; the first one looks again before."""

    async def deed(play: Play) -> None:
        record, browser = await play.record(), await play.browser(play.step.who)
        seen = (await browser.get(f"/records/{record.kind}/{record.public_id}")).words
        play.kept["owner"] = FIRST_OWNER
        await _done(play, who, record, name)
        play.kept["looked"] = seen

    return deed


async def verify_the_second(play: Play) -> None:
    record = await play.record()
    await _done(play, play.step.who, record, "无实物")
    await _done(play, play.step.who, record, "核实")


async def write_letters(play: Play) -> None:
    for place, record in enumerate(await play.records(), 1):
        letter = {"letter_no": f"星澜监函〔2026〕{place}号", "letter_to": "giver", "letter_sent": "2026-09-22"}
        await _done(play, play.step.who, record, "致函", **letter)


async def publish(play: Play) -> None:
    """Publish it; the head of the officer's unit does not even find the record. There is no page for the public yet."""
    record = await play.record()
    await _done(play, play.step.who, record, "公布")
    page = await (await play.browser(UNIT_HEAD)).get(f"/records/gift/{record.public_id}")
    assert page.status == 404
    play.kept["looked"] = page.words


async def close_one(play: Play) -> None:
    first, other = await play.records()
    await _done(play, play.step.who, first, "办结")
    play.kept["refused"] = (await _act(play, play.step.who, other, "办结")).status


async def close_the_other(play: Play) -> None:
    play.kept["owner"] = SECOND_OWNER
    await _done(play, play.step.who, await play.record(), "办结")


async def time_passes(play: Play) -> None:
    """The clock itself does what is due."""


TREASURY = {"treasury_doc": "K-1", "disposal_date": "2026-09-29"}
DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "5": alone("接收", **SLIP),
    "6": second(SECOND_CUSTODIAN, "接收"),
    "9": act("核实"),
    "10": verify_the_second,
    "11": act("告知"),
    "12": act("退还"),
    "13": write_letters,
    "14": alone("批准"),
    "15": second(HEAD, "批准"),
    "16": publish,
    "17": act("无法退还缴库", **TREASURY),
    "18": close_one,
    "20": time_passes,
    "21": close_the_other,
}

"""S05: the same broker gives twice: custody by two persons, letters, the publication of the second gift."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from core.clock import HandClock
from models import sql
from models.evidence import Evidence
from models.org import Person
from models.record import Record
from models.register import GiverExport
from records.acts import do_act
from records.filing import file
from records.source import Source
from tests.console.browser import Answer
from tests.keys import unlocked
from tests.media_files import jpeg
from tests.scenarios.papers import words_of
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

FIRST_OWNER, SECOND_OWNER = "9021023", "9021029"
CUSTODIAN, SECOND_CUSTODIAN = "9021007", "9021008"
HEAD, UNIT_HEAD = "9021004", "9021020"
SLIP = {"custody_no": "B-17", "receipt_no": "S-17"}
BASE = {
    **{"received_at": "2026-08-12", "giver_org": "SLC013", "giver_name": "秦某", "kind": "1", "amount": "6000.00"},
    **{"handling": "4", "description": "现金", "giver_relation": "1", "place": "稽查返程车内"},
}
LEADER = "9021001"
BASE_ACTS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("2026-08-14", CUSTODIAN, "接收", {"custody_no": "B-16", "receipt_no": "S-16"}),
    ("2026-08-14", SECOND_CUSTODIAN, "接收", {}),
    ("2026-08-18", HEAD, "核实", {}),
    ("2026-08-19", HEAD, "告知", {}),
    (
        "2026-08-26",
        HEAD,
        "致函",
        {"letter_no": "星澜监函〔2026〕0号", "letter_to": "giver", "letter_sent": "2026-08-26"},
    ),
    ("2026-09-01", CUSTODIAN, "退还", {}),
    ("2026-09-01", CUSTODIAN, "无法退还缴库", {"treasury_doc": "缴字2026-117", "disposal_date": "2026-09-01"}),
    ("2026-09-02", LEADER, "批准", {}),
    ("2026-09-02", HEAD, "批准", {}),
    ("2026-09-03", HEAD, "公布", {}),
)


async def given(play: Play) -> None:
    """What the base holds: 6000 yuan of another giver, handed in, written about, paid to the treasury, published."""
    office, kinds = play.stage.office, play.stage.kinds
    clock = HandClock(moment("2026-08-13T10:00"))
    office = replace(office, clock=clock)
    owner = Source(None, (await Person.get(staff_no="9021038")).id, "web", "zh-Hans", "console")
    async with sql.transaction():
        filed = await file(office, kinds, "gift", BASE, owner)
    play.kept["given"] = [filed.record_id]
    for day, staff_no, name, values in BASE_ACTS:
        clock.move_to(moment(f"{day}T10:00"))
        actor = await unlocked(office, kinds, (await Person.get(staff_no=staff_no)).id)
        await do_act(office, kinds, actor, filed.public_id, name, values)
    await play.stage.settle()


async def _act(
    play: Play, who: str, record: Record, name: str, *, files: Sequence[tuple[str, bytes]] = (), **fields: str
) -> Answer:
    """Do an act by the form of the record's page; what stood there before is kept as what was seen."""
    path = f"/records/{record.kind}/{record.public_id}"
    browser = await play.browser(who)
    play.kept["looked"] = (await browser.get(path)).words
    several = [(field, each) for field, value in fields.items() for each in value.split(";")]
    play.page = await browser.post(f"{path}/act", [("act", name), *several], page=path, files=files)
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


def alone(name: str, photo: str = "", **fields: str) -> Callable[[Play], Awaitable[None]]:
    """Return the deed of somebody who gives what an act of two persons needs, then confirms it himself."""

    async def deed(play: Play) -> None:
        record = await play.record()
        answer = await _act(play, play.step.who, record, name, files=[(photo, jpeg())] if photo else [], **fields)
        assert answer.status == 200, answer.words
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
        if name == "接收":
            assert await Evidence.filter(record_id=record.id, field="custody_photo", state="stored").count() == 1
        play.kept["looked"] = seen

    return deed


async def write_letters(play: Play) -> None:
    """Let each letter take its number, read it as a page and as a document, and enter that it was sent."""
    play.kept["letters"] = []
    for record in await play.records():
        await _done(play, play.step.who, record, "拟函", letter_to="giver;employer")
        path = f"/records/{record.kind}/{record.public_id}"
        browser = await play.browser(play.step.who)
        play.kept["letters"].append((await browser.get(f"{path}/letter")).words)
        file = await browser.data(f"{path}/letter.docx?lang=zh-Hans")
        assert [one for one in ("折桂报关行", "许某") if one not in words_of(file)] == []
        await _done(play, play.step.who, record, "致函", letter_sent="2026-09-22")


async def verify_the_second(play: Play) -> None:
    record = await play.record()
    await _done(play, play.step.who, record, "无实物")
    await _done(play, play.step.who, record, "核实")


async def pay_to_the_treasury(play: Play) -> None:
    """Two attempts to return the money failed."""
    record = await play.record()
    for day in ("2026-09-22", "2026-09-28"):
        await _done(play, play.step.who, record, "退还未成", attempt_date=day, attempt_result="送礼人已不在该单位")
    await _done(play, play.step.who, record, "无法退还缴库", **TREASURY)


async def publish(play: Play) -> None:
    """Publish it; the public reads it, the head of the officer's unit does not even find the record."""
    record = await play.record()
    await _done(play, play.step.who, record, "公布")
    play.kept["public"] = (await play.visitor.get("/public/publications")).words
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
    """The clock itself does what is due; then somebody looks at the public page."""
    play.kept["public"] = (await play.visitor.get("/public/publications")).words


async def export_givers(play: Play) -> None:
    """Ask with a reason, be unable to take it before another person approves, take it once."""
    asker = play.step.who
    period = {"first": "2026-09-01", "last": "2026-09-30", "reason": "九月送礼人纳入风险名单"}
    play.page = await (await play.browser(asker)).post("/exports", period, page="/exports")
    assert play.page.status == 200, play.page.words
    waiting = (await play.browser(asker), (await GiverExport.get()).public_id)
    play.kept["refused"] = (await waiting[0].post(f"/exports/{waiting[1]}/take", {}, page="/exports")).status
    approver = await play.browser(HEAD)
    assert period["reason"] in (await approver.get("/exports")).words
    assert (await approver.post(f"/exports/{waiting[1]}/approve", {}, page="/exports")).status == 200
    play.kept["file"] = (await waiting[0].post(f"/exports/{waiting[1]}/take", {}, page="/exports")).text
    play.kept["again"] = (await waiting[0].post(f"/exports/{waiting[1]}/take", {}, page="/exports")).status


async def nothing_more(play: Play) -> None:
    """Only looked at."""


TREASURY = {"treasury_doc": "K-1", "disposal_date": "2026-09-29"}
DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "5": alone("接收", "custody_photo", **SLIP),
    "6": second(SECOND_CUSTODIAN, "接收"),
    "9": act("核实"),
    "10": verify_the_second,
    "11": act("告知"),
    "12": act("退还"),
    "13": write_letters,
    "14": alone("批准"),
    "15": second(HEAD, "批准"),
    "16": publish,
    "17": pay_to_the_treasury,
    "18": close_one,
    "19": export_givers,
    "20": time_passes,
    "21": close_the_other,
    "end": nothing_more,
}

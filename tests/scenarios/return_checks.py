"""What is looked at in the monthly returns: who was asked, what each answered, the roll, what heads see."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from models.org import Person
from models.record import Record
from models.returns import MonthlyReturn, ReturnMonth
from oversight.periods import parse_period
from oversight.reports import load_reports, make
from oversight.returns_roll import roll_of
from oversight.table import Report
from people.access import actor_of
from records.forms import is_asked
from records.marks import person_mark
from tests.scenarios import campaign_checks
from tests.scenarios.people import contacts
from tests.scenarios.play import RETURN, Play
from tests.scenarios.plot import moment

Check = Callable[[Play, Any], Awaitable[None]]
ANSWERS = ("零报告", "有登记", "事后更正")


async def _returns() -> list[Record]:
    return await Record.filter(kind=RETURN)


async def _in(state: str) -> list[Record]:
    return await Record.filter(kind=RETURN, state=state)


async def _owners(play: Play, records: Sequence[Record]) -> list[str]:
    ids = {each.id for each in records}
    marks = {each.mark for each in await MonthlyReturn.filter(record_id__in=ids)}
    return sorted(str(one.staff_no) for one in await Person.all() if person_mark(play.stage.office, one.id) in marks)


async def _in_scope(play: Play, wanted: int) -> None:
    assert len(await _returns()) == wanted


async def _excused(play: Play, wanted: list[int]) -> None:
    assert await _owners(play, await _in("excused")) == [str(each) for each in wanted]


async def _due_persons(play: Play, wanted: int) -> None:
    assert len(await _in("open")) == wanted


async def _asked_by_message(play: Play, wanted: int) -> None:
    asked = play.kept["asked"]
    assert len(asked) == len(set(asked)) == wanted


async def _by_hand(play: Play, wanted: list[int]) -> None:
    """Open, but never asked by a message."""
    open_ = await _owners(play, await _in("open"))
    by_message = [one for one in open_ if {contacts()[one].phone, contacts()[one].chat} & set(play.kept["asked"])]
    assert sorted(set(open_) - set(by_message)) == [str(each) for each in wanted]


async def _due(play: Play, wanted: str) -> None:
    assert (await ReturnMonth.get(period="2026-09")).due_at == moment(wanted)
    assert {each.due_at for each in await _in("open")} == {moment(wanted)}


async def _messages(play: Play, wanted: int) -> None:
    assert len(play.heard) == wanted, play.heard


async def _n(play: Play, wanted: int) -> None:
    assert any(str(wanted) in text for text in play.texts_to(play.step.who))


async def _reply_lang(play: Play, wanted: str) -> None:
    said = play.stage.office.texts.say(play.step.expect["reply"], wanted, m="September")
    assert any(said in text for text in play.texts_to(play.step.who))


async def _zero_by_message(play: Play, wanted: int) -> None:
    zeros = await _in("zero_confirmed")
    assert len([one for one in zeros if one.facts["proof"] != "paper"]) == wanted


async def _zero_in_time(play: Play, wanted: int) -> None:
    assert len(await _in("zero_confirmed")) == wanted


async def _overdue(play: Play, wanted: list[int]) -> None:
    assert await _owners(play, await _in("overdue")) == [str(each) for each in wanted]


async def _records(play: Play, wanted: list[int]) -> None:
    """All of them stand in the state that is named."""
    records = [await play.return_of(str(each)) for each in wanted]
    assert {each.state for each in records} == {play.step.expect["state"]}


async def _heads_told(play: Play, wanted: list[int]) -> None:
    told = [{contacts()[str(one)].phone, contacts()[str(one)].chat} & play.kept["heads"] for one in wanted]
    assert all(told)
    assert len(play.kept["heads"]) == len(wanted)


async def _heads_see(play: Play, wanted: str) -> None:
    assert wanted == "who has not answered, not what the others answered"
    person = await Person.get(staff_no="9021038")
    assert str(person.staff_no) in play.kept["head_unit_page"]
    assert "未报" in play.kept["head_unit_page"]
    for page in ("head_page", "head_unit_page"):
        assert not [word for word in ANSWERS if word in play.kept[page]]


async def _period_record(play: Play, wanted: str) -> None:
    assert wanted == "stays zero_confirmed, amended = true"
    record = await play.return_of(play.step.who)
    assert (record.state, record.facts["amended"]) == ("zero_confirmed", "true")


async def _filed(play: Play) -> Record:
    return await play.record()


async def _late(play: Play, wanted: bool) -> None:
    assert (await _filed(play)).facts["@course"]["filed_late"] is wanted


async def _late_reason_asked(play: Play, wanted: bool) -> None:
    """It is among the questions that follow."""
    draft = await play.draft()
    assert draft is not None
    form = play.stage.kinds.get(draft.kind).form
    entry = next(each for each in form.later if each.fields == ("late_reason",))
    assert is_asked(entry, draft.values, draft.named) is wanted


async def _roll(play: Play, staff_no: str) -> Any:
    kind = play.stage.kinds.the_return()
    assert kind is not None
    actor = await actor_of(play.stage.office, (await Person.get(staff_no=staff_no)).id)
    roll = await roll_of(play.stage.office, kind, actor, "2026-09")
    assert roll is not None
    return roll


async def _printed(play: Play, wanted: str) -> None:
    await play.stage.move_to(moment(wanted))


async def _row(play: Play, wanted: Mapping[str, Any]) -> None:
    """The total of the head of the integrity office, on the page of the roll and in the report R03."""
    if play.step.kind != RETURN:
        await campaign_checks.CHECKS["row"](play, wanted)
        return
    total = (await _roll(play, "9021004")).total
    assert total.answers
    counted = {name: getattr(total.line, name) for name in wanted if name != "rate"}
    assert counted | {"rate": f"{total.line.rate:.2%}"} == dict(wanted)
    report = await _report(play, "9021004")
    assert report.total is not None
    printed = dict(zip([column.id for column in report.columns], report.total, strict=True))
    assert {name: printed[name] for name in counted} == counted
    assert f"{printed['rate']:.2%}" == wanted["rate"]


async def _report(play: Play, staff_no: str) -> Report:
    actor = await actor_of(play.stage.office, (await Person.get(staff_no=staff_no)).id)
    reports = load_reports(play.stage.kinds)
    return await make(play.stage.office, reports, "R03", parse_period("2026-09"), actor)


async def _identity(play: Play, wanted: str) -> None:
    if play.step.kind != RETURN:
        await campaign_checks.CHECKS["identity"](play, wanted)
        return
    assert wanted.startswith("38 = 31 + 6 + 1; has: ")
    line = (await _roll(play, "9021004")).total.line
    assert line.due == line.zero + line.has + line.missed + line.waiting
    assert await _owners(play, await _in("has_entries")) == wanted.partition("has: ")[2].partition(";")[0].split()


async def _heads(play: Play, wanted: str) -> None:
    assert "has no columns zero, has, amended" in wanted
    roll = await _roll(play, "9021018")
    assert not [row for row in (*roll.rows, roll.total) if row.answers]
    columns = {column.id for column in (await _report(play, "9021018")).columns}
    assert columns
    assert not {"zero", "has", "amended"} & columns
    words = (await play.look("/returns?month=2026-09", "9021018")).words
    assert not [word for word in ANSWERS if word in words]


CHECKS: Mapping[str, Check] = {
    "asked_by_message": _asked_by_message,
    "by_hand": _by_hand,
    "due": _due,
    "due_persons": _due_persons,
    "excused": _excused,
    "heads": _heads,
    "heads_see": _heads_see,
    "heads_told": _heads_told,
    "identity": _identity,
    "in_scope": _in_scope,
    "late": _late,
    "late_reason_asked": _late_reason_asked,
    "messages": _messages,
    "n": _n,
    "overdue": _overdue,
    "period_record": _period_record,
    "printed": _printed,
    "records": _records,
    "reply_lang": _reply_lang,
    "row": _row,
    "zero_by_message": _zero_by_message,
    "zero_in_time": _zero_in_time,
}

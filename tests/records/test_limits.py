"""When limits end, against the days of the story (S02, S11) and the rule that they stand still once."""

from datetime import datetime, timedelta

import pytest

from core.office import Office
from models import sql
from models.record import Record
from records.acts import do_act
from records.course import Course
from records.due import Deadlines, filed_late
from records.filing import Filed
from records.kind import Kinds
from records.owner_acts import supply
from records.saying import day_text, time_text
from tests.records.conftest import House


async def due(house: House, filed: Filed) -> str | None:
    record = await house.record(filed)
    return (
        f"{record.due_at.astimezone(house.office.zone) - timedelta(minutes=1):%m-%d}T24:00" if record.due_at else None
    )


async def act(house: House, filed: Filed, who: str, name: str, **values: str) -> None:
    await do_act(house.office, house.kinds, await house.actor(who), filed.public_id, name, values)


async def test_the_story_of_a_plea(house: House) -> None:
    """S02: accepted by 16 Sep, verified by 29 Sep (Sun 20 counts, Fri 25 does not), the bulletin by 10 Oct."""
    house.at("2026-09-14T10:12")
    filed = await house.plead()
    assert await due(house, filed) == "09-16T24:00"
    house.at("2026-09-15T09:00")
    await act(house, filed, "integrity", "受理")
    house.at("2026-09-15T09:30")
    await act(house, filed, "integrity", "核实")
    assert await due(house, filed) == "09-29T24:00"
    house.at("2026-09-28T10:00")
    await act(house, filed, "integrity_head", "认定", assessment="improper", assessment_text="要求先放行")
    house.at("2026-09-28T10:30")
    await act(house, filed, "integrity_head", "拟通报")
    assert await due(house, filed) == "10-10T24:00"


async def test_the_story_of_a_complaint(house: House) -> None:
    """S11: told by 16 Sep whether it is taken up; then the answer is promised within ten working days of acceptance."""
    filed = await house.complain("窗口等了两个小时没人理")
    assert await due(house, filed) == "09-16T24:00"
    await act(house, filed, "clerk", "受理", category="c04", unit="U10C")
    record = await house.record(filed)
    promised = Deadlines(house.office, house.kinds.get("complaint"), record, Course.of(record)).promised()
    assert promised is not None
    assert str(promised.day) == "2026-09-28"
    assert await due(house, filed) == "09-15T24:00"  # to be assigned within one working day
    await act(house, filed, "clerk", "转办", assignee="9021026")
    await act(house, filed, "handler", "签收")
    assert await due(house, filed) == "09-28T24:00"  # no limit of its own: that of the answer


async def test_after_hours_counts_from_the_next_working_day(house: House) -> None:
    house.at("2026-09-11T18:30")
    assert await due(house, await house.complain("行李车不够")) == "09-16T24:00"


async def test_limits_stand_still_once_while_the_sender_is_asked(house: House) -> None:
    filed = await house.complain()
    house.at("2026-09-15T10:00")
    await act(house, filed, "clerk", "补充", what_is_missing="时间")
    assert await due(house, filed) is None
    house.at("2026-09-18T10:00")
    await supplied(house, filed)
    assert await due(house, filed) == "09-20T24:00"  # 16 Sep and the three days of waiting, to a working day
    await act(house, filed, "clerk", "补充", what_is_missing="单号")
    house.at("2026-09-22T10:00")
    await supplied(house, filed)
    assert await due(house, filed) == "09-20T24:00"


async def supplied(house: House, filed: Filed) -> None:
    async with sql.transaction():
        source = await house.outsider()
        await supply(house.office, house.kinds, filed.record_id, {"content": "昨天"}, source)


LATE = [
    ("2026-09-14", "2026-09-14T23:00", False),
    ("2026-09-08", "2026-09-11T19:00", False),
    ("2026-09-08", "2026-09-12T00:00", True),
    ("2026-09-24", "2026-09-30T23:59", False),
    ("2026-09-11T19:30", "2026-09-17T23:00", False),
    ("", "2026-09-30T10:00", False),
]


@pytest.mark.parametrize(("occurred", "filed", "late"), LATE)
def test_filed_late(office: Office, kinds: Kinds, occurred: str, filed: str, late: bool) -> None:
    now = datetime.fromisoformat(filed + "+08:00")
    assert filed_late(office, kinds.get("intercession"), {"occurred_at": occurred}, now) is late


def test_days_and_times_in_a_message(office: Office) -> None:
    day = datetime.fromisoformat("2026-10-16T02:12:00+00:00")
    assert [day_text(day.date(), lang) for lang in ("zh-Hans", "zh-Hant", "en")] == ["10月16日", "10月16日", "16 Oct"]
    assert time_text(day, office.zone) == "10:12"


async def test_later_questions_close(house: House) -> None:
    filed = await house.plead()
    record = await Record.get(id=filed.record_id)
    assert record.later_until is not None
    assert f"{record.later_until.astimezone(house.office.zone):%m-%d}" == "09-18"  # three working days, to 24:00


async def test_what_is_done_after_its_limit_is_noted_once(house: House) -> None:
    """Taken up in time; the last moment of its day is in time, midnight is not."""
    first, second = await house.plead(), await house.plead()
    house.at("2026-09-16T23:59")
    await act(house, first, "integrity", "受理")
    house.at("2026-09-17T00:00")
    await act(house, second, "integrity", "受理")
    late = [Course.of(await house.record(filed)).late for filed in (first, second)]
    assert late == [[], ["受理"]]
    house.at("2026-12-01T09:00")
    await act(house, second, "integrity", "核实")
    await act(house, second, "integrity_head", "认定", assessment="improper", assessment_text="要求先放行")
    assert Course.of(await house.record(second)).late == ["受理"]

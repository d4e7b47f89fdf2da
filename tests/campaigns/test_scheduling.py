"""When a reminder goes out: tables of moments, with the next possible date for what is past or impossible. Pure."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from campaigns.scheduling import AtTime, BeforeFestival, OnApproval, When, due_of, fix, from_rule, read_at, to_rule
from core.clock import HandClock
from core.errors import Refused
from core.office import Office

NINE = time(9)


def at(text: str) -> AtTime:
    return AtTime(datetime.fromisoformat(text))


# now (Shanghai), rule, due moment (Shanghai), provisional
DUE = [
    ("2026-09-18 09:00", BeforeFestival("zhongqiu", 3, NINE), "2026-09-22 09:00", False),
    ("2026-09-22 08:59", BeforeFestival("zhongqiu", 3, NINE), "2026-09-22 09:00", False),
    ("2026-09-22 09:01", BeforeFestival("zhongqiu", 3, NINE), "2027-09-10 09:00", True),
    ("2026-09-18 09:00", BeforeFestival("zhongqiu", 5, NINE), "2026-09-20 09:00", False),  # a Sunday that is worked
    ("2026-09-18 09:00", BeforeFestival("guoqing", 3, NINE), "2026-09-28 09:00", False),
    ("2026-12-01 09:00", BeforeFestival("yuandan", 3, NINE), "2026-12-29 09:00", True),
    ("2026-01-05 09:00", BeforeFestival("chunjie", 3, NINE, 2026), "2026-02-12 09:00", False),
    ("2026-09-18 09:00", at("2026-09-18 09:00"), "2026-09-18 09:00", False),
    ("2026-09-18 09:00", at("2026-12-31 23:59"), "2026-12-31 23:59", False),
]


def _set(office: Office, now: str) -> None:
    assert isinstance(office.clock, HandClock)
    office.clock.move_to(datetime.fromisoformat(now).replace(tzinfo=office.zone))


@pytest.mark.parametrize(("now", "when", "moment", "provisional"), DUE)
def test_due_moments(office: Office, now: str, when: When, moment: str, provisional: bool) -> None:
    _set(office, now)
    due = due_of(office, fix(office, when))
    assert due.moment is not None
    assert due.moment.astimezone(office.zone).strftime("%Y-%m-%d %H:%M") == moment
    assert due.provisional is provisional


def test_the_reason_names_the_days_that_were_counted(office: Office) -> None:
    _set(office, "2026-09-18 09:00")
    counted = due_of(office, BeforeFestival("zhongqiu", 3, NINE)).counted
    assert counted is not None
    assert str(counted.occurrence.first_day_off) == "2026-09-25"
    assert [day.day for day in counted.count.days] == [24, 23, 22]


# now, rule, key of the refusal, next possible date
REFUSED = [
    ("2026-09-18 09:00", at("2026-09-18 08:59"), "campaign.when_past", "2026-09-20 08:59"),  # Sunday, worked
    ("2026-09-24 08:00", at("2026-09-23 09:00"), "campaign.when_past", "2026-09-24 09:00"),
    ("2026-09-30 18:00", at("2026-09-30 09:00"), "campaign.when_past", "2026-10-08 09:00"),
    ("2026-09-23 09:00", BeforeFestival("zhongqiu", 3, NINE, 2026), "campaign.when_past", "2027-09-10 09:00"),
    ("2026-09-18 09:00", BeforeFestival("zhongqiu", 0, NINE), "campaign.days_before", None),
    ("2026-09-18 09:00", BeforeFestival("zhongqiu", 31, NINE, 2026), "campaign.days_before", None),
    ("2026-09-18 09:00", BeforeFestival("xmas", 3, NINE, 2026), "campaign.no_festival", None),
    ("2026-09-18 09:00", BeforeFestival("xmas", 3, NINE), "campaign.no_festival", None),
    ("2026-09-18 09:00", at("2030-01-01 09:00"), "campaign.when_far", None),
]


@pytest.mark.parametrize(("now", "when", "key", "possible"), REFUSED)
def test_refused(office: Office, now: str, when: When, key: str, possible: str | None) -> None:
    _set(office, now)
    with pytest.raises(Refused) as refused:
        due_of(office, when)
    assert (refused.value.key, refused.value.values.get("date")) == (key, possible)
    assert office.texts.say(key, "zh-Hans", **refused.value.values)


@pytest.mark.parametrize(("day", "hhmm"), [("2026-09-31", "09:00"), ("2026-09-21", "24:00"), ("soon", "9"), ("", "")])
def test_typed_dates_that_do_not_exist(office: Office, day: str, hhmm: str) -> None:
    _set(office, "2026-09-18 10:00")
    with pytest.raises(Refused) as refused:
        read_at(office, day, hhmm)
    assert refused.value.values == {"date": "2026-09-20 09:00"}


def test_typed_date(office: Office) -> None:
    assert read_at(office, " 2026-09-22", "09:30 ") == at("2026-09-22 09:30")


def test_hour_that_the_clocks_skip(office: Office) -> None:
    berlin = replace(office, zone=ZoneInfo("Europe/Berlin"))
    with pytest.raises(Refused) as refused:
        due_of(berlin, at("2027-03-28 02:30"))
    assert refused.value.values == {"date": "2027-03-28 03:30"}
    twice = due_of(berlin, at("2026-10-25 02:30")).moment
    assert twice is not None
    assert twice.isoformat() == "2026-10-25T00:30:00+00:00"


@pytest.mark.parametrize("when", [at("2026-09-22 09:30"), BeforeFestival("zhongqiu", 3, NINE, 2026), OnApproval()])
def test_rules_come_back_from_rows(when: When) -> None:
    assert from_rule(to_rule(when)) == when

"""Incidents: what is wrong in the rows, one row for each cause, one alert for each person, closed when it is over."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import addresses, incidents
from messaging.causes import Sort, find
from messaging.outbox import NewMessage, enqueue
from models import sql
from models.address import Address
from models.lane import Lane
from models.org import Person
from models.outgoing import Attempt, Message, Receipt
from models.sending import Incident, LaneDay

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


async def lane(office: Office, channel: str = "sms", **more: object) -> Lane:
    """An enabled lane with an owner whose lease holds."""
    made = await Lane.create(name=f"{channel}{more.pop('name', '')}", channel=channel, rate=10.0, owner="one", **more)
    until = "now() + interval '1 day'" if sql.is_postgres() else "datetime('now', '+1 day')"
    await sql.execute(f"UPDATE lane SET lease_until = {until} WHERE id = {made.id}")
    return made


async def message(office: Office, key: str, channel: str = "sms", *, category: str = "reply") -> Message:
    to = await addresses.find_or_create(office, channel, "+8613800000009" if channel == "sms" else "77")
    async with sql.transaction():
        await enqueue(office, NewMessage(key, channel, to.id, category, "en", "hello"))
    return await Message.get(dedupe_key=key)


async def tried(office: Office, on: Lane, one: Message, outcome: str, code: str | None = None) -> Attempt:
    now = office.clock.now()
    number = await Attempt.all().count()
    return await Attempt.create(
        message_id=one.id,
        token=f"t{number}",
        lane_id=on.id,
        epoch=1,
        started_at=now,
        finished_at=now,
        outcome=outcome,
        code=code,
    )


async def trouble(office: Office, on: Lane, code: str, seconds: float = 60) -> None:
    now = office.clock.now()
    await Lane.filter(id=on.id).update(last_error=code, last_error_at=now, held_until=now + timedelta(seconds=seconds))


async def sorts(office: Office) -> list[tuple[Sort, int | None]]:
    return sorted((each.sort, each.lane_id) for each in await find(office))


async def person(office: Office, number: str, *channels: str) -> int:
    made = await Person.create(staff_no=number, name=office.key.encrypt("某人"), lang="en")
    for channel in channels:
        to = await addresses.find_or_create(office, channel, f"+8613900{number}" if channel == "sms" else number)
        await Address.filter(id=to.id).update(person_id=made.id, verified_at=office.clock.now())
    return made.id


def told(*persons: int) -> incidents.Receivers:
    async def receivers(_sort: str) -> Sequence[int]:
        return persons

    return receivers


async def test_nothing_is_wrong_with_nothing(office: Office) -> None:
    assert await sorts(office) == []
    await lane(office)
    assert await sorts(office) == []
    assert await incidents.step(office, told()) == 0


async def test_refused_credentials(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    one = await message(office, "a")
    await tried(office, sms, one, "throttled", "20003")
    await trouble(office, sms, "20003")
    assert await sorts(office) == [(Sort.REFUSED, sms.id)]
    clock.advance(MINUTE / 2)
    await tried(office, sms, one, "accepted")
    await Message.filter(id=one.id).update(state="accepted")
    assert await sorts(office) == []


async def test_a_short_hold_is_no_incident_and_a_long_one_is(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    one = await message(office, "a")
    await tried(office, sms, one, "throttled", "http_429")
    await trouble(office, sms, "http_429", 5)
    assert await sorts(office) == []
    await trouble(office, sms, "http_429", 300)
    assert await sorts(office) == [(Sort.UNREACHABLE, sms.id)]
    await trouble(office, sms, "http_429", 5)
    clock.advance(2 * MINUTE)
    await tried(office, sms, one, "not_sent", "ClientConnectorError")
    await trouble(office, sms, "ClientConnectorError", 30)
    assert await sorts(office) == [(Sort.UNREACHABLE, sms.id)]
    clock.advance(3 * MINUTE)
    assert Sort.UNREACHABLE not in [sort for sort, _ in await sorts(office)]


async def test_a_provider_that_never_answers(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    one = await message(office, "a")
    await tried(office, sms, one, "unknown", "TimeoutError")
    clock.advance(2 * MINUTE)
    await tried(office, sms, one, "unknown", "TimeoutError")
    await trouble(office, sms, "TimeoutError", 30)
    assert await sorts(office) == [(Sort.UNREACHABLE, sms.id)]
    clock.advance(MINUTE / 2)
    await tried(office, sms, one, "accepted")
    await Message.all().update(state="accepted")
    assert await sorts(office) == []


async def test_a_lane_that_nobody_owns(office: Office, clock: HandClock) -> None:
    crashed = await lane(office)
    past = "now() - interval '61 seconds'" if sql.is_postgres() else "datetime('now', '-61 seconds')"
    await sql.execute(f"UPDATE lane SET lease_until = {past}")
    assert await sorts(office) == [(Sort.UNOWNED, crashed.id)]
    await Lane.all().update(owner=None, lease_until=None)
    assert await sorts(office) == []
    await message(office, "a")
    clock.advance(MINUTE + MINUTE / 2)
    assert await sorts(office) == [(Sort.UNOWNED, crashed.id)]
    await Lane.all().update(enabled=False)
    assert await sorts(office) == []


async def test_the_cap_of_a_day(office: Office, clock: HandClock) -> None:
    sms = await lane(office, cap_day=10)
    await LaneDay.create(lane_id=sms.id, day=office.today(), used=9)
    assert await sorts(office) == []
    await LaneDay.all().update(used=10)
    assert await sorts(office) == [(Sort.CAPPED, sms.id)]
    clock.advance(timedelta(days=1))
    assert await sorts(office) == []


async def test_due_messages_that_wait(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    late = await message(office, "a")
    clock.advance(9 * MINUTE)
    assert await sorts(office) == []
    clock.advance(2 * MINUTE)
    assert await sorts(office) == [(Sort.WAITING, None)]
    await Message.filter(id=late.id).update(not_before=clock.now() + MINUTE)
    assert await sorts(office) == []
    await Message.filter(id=late.id).update(not_before=None)
    await trouble(office, sms, "token_refused")
    assert await sorts(office) == [(Sort.REFUSED, sms.id)], "the lane explains it"


async def test_quiet_hours_hold_bulk_and_are_no_incident(office: Office, clock: HandClock) -> None:
    await lane(office)
    held = await message(office, "a", category="education")
    quiet = office.limits.quiet_hours
    assert quiet.begin > quiet.end
    at = clock.now().astimezone(office.zone)
    clock.move_to(at.replace(hour=quiet.begin.hour, minute=30))
    assert await sorts(office) == []
    ends = (at + timedelta(days=1)).replace(hour=quiet.end.hour, minute=quiet.end.minute)
    clock.move_to(ends + MINUTE)
    assert await sorts(office) == []
    clock.move_to(ends + 15 * MINUTE)
    assert await sorts(office) == [(Sort.WAITING, None)]
    await Message.filter(id=held.id).update(category="reply")
    clock.move_to(ends - MINUTE)
    assert await sorts(office) == [(Sort.WAITING, None)]


async def test_unknown_messages_that_nothing_settles(office: Office, clock: HandClock) -> None:
    await lane(office)
    sms = await message(office, "a")
    await Message.filter(id=sms.id).update(state="unknown", state_at=clock.now())
    assert await sorts(office) == []
    clock.advance(timedelta(days=1))
    assert await sorts(office) == [(Sort.UNSETTLED, None)]
    await Message.filter(id=sms.id).update(channel="telegram", state_at=clock.now())
    assert await sorts(office) == [(Sort.UNSETTLED, None)]


async def test_receipts_that_do_not_come(office: Office, clock: HandClock) -> None:
    sms, chat = await lane(office), await lane(office, "telegram")
    one, other = await message(office, "a"), await message(office, "b", "telegram")
    await tried(office, chat, other, "accepted")
    await Message.all().update(state="accepted")
    clock.advance(timedelta(hours=2))
    assert await sorts(office) == [], "a chat gives none"
    attempt = await tried(office, sms, one, "accepted")
    clock.advance(59 * MINUTE)
    assert await sorts(office) == []
    clock.advance(MINUTE)
    assert await sorts(office) == [(Sort.NO_RECEIPTS, None)]
    await Receipt.create(attempt_id=attempt.id, status="delivered", received_at=clock.now())
    assert await sorts(office) == []
    clock.advance(timedelta(hours=5))
    assert await sorts(office) == [], "nothing was accepted since"


async def test_one_row_for_a_cause_and_one_alert_for_a_person(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    both, only_sms, unbound = (
        await person(office, "1001", "telegram", "sms"),
        await person(office, "1002", "sms"),
        await person(office, "1003"),
    )
    who = told(both, only_sms, unbound)
    await trouble(office, sms, "20003")
    assert await incidents.step(office, who) == 1
    assert await incidents.step(office, who) == 0
    opened = await Incident.get()
    assert (opened.sort, opened.lane_id, opened.code, opened.closed_at) == ("lane_refused", sms.id, "20003", None)
    alerts = {each.person_id: each for each in await Message.all()}
    assert {each: alerts[each].channel for each in alerts} == {both: "telegram", only_sms: "sms"}
    assert alerts[both].dedupe_key == f"incident:{opened.id}:{both}"
    text = office.key.decrypt(alerts[only_sms].body or b"")
    assert text == office.signature["en"] + office.texts.say("incident.lane_refused", "en")
    clock.advance(MINUTE)
    await trouble(office, sms, "20003")
    await incidents.step(office, who)
    assert (await Incident.get()).last_at == clock.now()
    assert await Message.all().count() == 2


async def test_where_the_chat_is_broken_the_alert_goes_by_sms(office: Office) -> None:
    chat = await lane(office, "telegram")
    one = await person(office, "1001", "telegram", "sms")
    await trouble(office, chat, "token_refused")
    await incidents.step(office, told(one))
    assert (await Message.get()).channel == "sms"


async def test_it_is_closed_when_its_cause_was_gone_for_a_while(office: Office, clock: HandClock) -> None:
    sms = await lane(office)
    one = await person(office, "1001", "telegram")
    await trouble(office, sms, "20003", 1)
    await incidents.step(office, told(one))
    clock.advance(3 * MINUTE)
    assert await incidents.step(office, told(one)) == 0, "it may come back"
    clock.advance(8 * MINUTE)
    await Message.all().update(state="delivered")
    assert await incidents.step(office, told(one)) == 1
    assert (await Incident.get()).closed_at == clock.now()
    await trouble(office, sms, "20003")
    assert await incidents.step(office, told(one)) == 1
    assert await Message.all().count() == 2, "a new incident is told of again"


async def test_nobody_is_told_more_than_ten_times_a_day(office: Office, clock: HandClock) -> None:
    one = await person(office, "1001", "telegram")
    for number in range(12):
        broken = await lane(office, name=str(number))
        await trouble(office, broken, "20003")
    assert await incidents.step(office, told(one)) == 12
    assert await Message.all().count() == incidents.ALERTS_A_DAY


async def test_two_processes_open_it_once(office: Office) -> None:
    sms = await lane(office)
    one = await person(office, "1001", "telegram")
    await trouble(office, sms, "20003")
    cause = (await find(office))[0]
    assert await incidents._open(office, cause, told(one)) == 1
    assert await incidents._open(office, cause, told(one)) == 0
    assert await Incident.all().count() == 1
    assert await Message.all().count() == 1


def test_every_sort_is_explained_in_each_language(office: Office) -> None:
    for sort in Sort:
        for key in (f"word.incident.{sort}", f"word.incident.{sort}.next"):
            assert all(office.texts.get(key).says[lang] for lang in ("zh-Hans", "zh-Hant", "en"))
        if sort is not Sort.STOPPED:
            assert office.texts.get(f"incident.{sort}").sms
    assert office.texts.lengths(office.signature) == []

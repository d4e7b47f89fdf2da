"""F18 to F20: the clock steps; the days on which clocks change, leap days, the year's end; down over the due time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import running
from campaigns.scheduling import AtTime
from core.clock import HandClock
from core.office import Office
from messaging import http_call, outbox
from messaging.outbox import Sender
from messaging.setup import open_messaging
from messaging.twilio_sms import TwilioSettings
from models import sql
from models.campaign import Campaign, Run
from models.lane import Lane
from models.outgoing import Attempt, Message
from tests.campaigns.story import approved, free
from tests.faults.oracle import check, until_settled
from tests.faults.test_provider import MANY, told
from tests.messaging.conftest import Stage
from tests.people.sample import load_sample

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
STEPS = {"an hour on": HOUR, "an hour back": -HOUR, "a year on": YEAR}


def step_wall(clock: HandClock, step: timedelta) -> None:
    """Move what the day's clock says, as an administrator or a time server does; what counts seconds stays."""
    clock.moment += step


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_f18_a_step_during_a_lease_stops_nobody_and_tells_nobody_twice(
    stage: Stage, clock: HandClock, step: timedelta
) -> None:
    await told(stage, "sms", MANY)
    await stage.sandbox.fault("delay", ms=200)
    sending = asyncio.create_task(stage.send())
    async with asyncio.timeout(10):
        while not await Attempt.all().exists():
            await asyncio.sleep(0.01)
    epoch = (await Lane.get(channel="sms")).epoch
    step_wall(clock, step)
    await sending
    await until_settled(stage)
    await stage.say("+8613800009999", "之后")
    await stage.send()
    await until_settled(stage)
    assert await check(stage) == {"delivered": MANY + 1}
    assert (await Lane.get(channel="sms")).epoch == epoch, "the lease is counted by a clock that does not step"


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_f18_a_lane_that_has_to_wait_waits_its_seconds_whatever_the_day_s_clock_says(
    stage: Stage, clock: HandClock, step: timedelta
) -> None:
    await stage.sandbox.fault("status_429", count=1, retry_after=30)
    await told(stage, "sms", 1)
    await stage.send()
    step_wall(clock, step)
    assert await stage.send() == 0
    clock.advance(timedelta(seconds=29))
    assert await stage.send() == 0
    clock.advance(timedelta(seconds=2))
    assert await stage.send() == 1


async def test_f18_the_database_s_clock_steps_during_a_lease(stage: Stage, clock: HandClock) -> None:
    """Its lease seems over: another process takes the lane while the old owner is sending. Nobody is told twice."""
    await told(stage, "sms", MANY)
    await stage.sandbox.fault("delay", ms=300)
    sending = asyncio.create_task(stage.send())
    async with asyncio.timeout(10):
        while await Attempt.all().count() < MANY:
            await asyncio.sleep(0.01)
    await sql.execute("UPDATE lane SET lease_until = $1", clock.now() - YEAR)
    twilio = TwilioSettings(
        stage.sandbox.account, stage.sandbox.token, stage.sandbox.sender, api_url=stage.sandbox.url, rate=1000
    )
    async with http_call.open_session() as session:
        other = await open_messaging(stage.office, session, twilio=twilio, telegram=None, owner="other", alone=False)
        sender: Sender = next(each for each in other.senders if each.lane.channel == "sms")
        while await outbox.step(stage.office, sender):
            pass
        await sending
        while await outbox.step(stage.office, sender):
            pass
        await other.close()
    await until_settled(stage)
    assert await check(stage) == {"delivered": MANY}
    assert {each.epoch for each in await Attempt.filter(code="abandoned")} == {1}


def in_zone(office: Office, zone: str) -> Office:
    return replace(office, zone=ZoneInfo(zone))


# zone, due (wall time there), fold, the moment in UTC
DAYS = [
    ("Europe/Berlin", "2027-03-28 01:59", 0, "2027-03-28T00:59:00+00:00"),
    ("Europe/Berlin", "2027-03-28 03:00", 0, "2027-03-28T01:00:00+00:00"),
    ("Europe/Berlin", "2026-10-25 02:30", 0, "2026-10-25T00:30:00+00:00"),
    ("Europe/Berlin", "2026-10-25 03:00", 0, "2026-10-25T02:00:00+00:00"),
    ("Asia/Shanghai", "2028-02-29 09:00", 0, "2028-02-29T01:00:00+00:00"),
    ("Asia/Shanghai", "2026-12-31 23:59", 0, "2026-12-31T15:59:00+00:00"),
    ("Asia/Shanghai", "2027-01-01 00:00", 0, "2026-12-31T16:00:00+00:00"),
]


@pytest.mark.parametrize(("zone", "local", "fold", "moment"), DAYS, ids=[f"{row[0]}-{row[1]}" for row in DAYS])
async def test_f19_the_strange_days_fire_exactly_once(
    db: str, office: Office, clock: HandClock, zone: str, local: str, fold: int, moment: str
) -> None:
    """Looked at every ten minutes from three hours before to three after, by two processes at once."""
    office = in_zone(office, zone)
    due = datetime.fromisoformat(moment)
    clock.move_to(due - timedelta(days=20))
    await load_sample(office)
    await approved(office, free(when=AtTime(datetime.fromisoformat(local))))
    clock.move_to(due - 3 * HOUR)
    fired: list[datetime] = []
    while clock.now() < due + 3 * HOUR:
        made = await asyncio.gather(running.tick(office), running.tick(office))
        fired += [clock.now()] * sum(made)
        clock.advance(timedelta(minutes=10))
    assert len(fired) == 1
    assert timedelta(0) <= fired[0] - due < timedelta(minutes=10)
    assert [run.due_at for run in await Run.all()] == [due]


@pytest.mark.parametrize("back", [HOUR, 25 * HOUR], ids=str)
async def test_f19_a_clock_that_is_set_back_over_the_due_time_fires_no_second_time(
    db: str, office: Office, clock: HandClock, back: timedelta
) -> None:
    await load_sample(office)
    await approved(office, free(when=AtTime(datetime.fromisoformat("2026-09-15 09:00"))))
    clock.move_to(datetime.fromisoformat("2026-09-15T09:00:30+08:00"))
    assert await running.tick(office) == 1
    step_wall(clock, -back)
    for _ in range(30):
        clock.advance(HOUR)
        await running.step(office)
    assert await Run.all().count() == 1
    keys = [message.dedupe_key for message in await Message.exclude(run_id=None)]
    assert len(keys) == len(set(keys)) > 30


LATE = {"2 s": timedelta(seconds=2), "10 min": timedelta(minutes=10), "3 days": timedelta(days=3)}
STATES = {"send": "sending", "skip": "cancelled", "ask": "missed"}


@pytest.mark.parametrize("when_missed", STATES)
@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
async def test_f20_down_over_the_due_time(
    db: str, office: Office, clock: HandClock, late: timedelta, when_missed: str
) -> None:
    """Within the grace of an hour it is sent; after it as the campaign says. Its messages get their full time."""
    await load_sample(office)
    due = datetime.fromisoformat("2026-09-15T09:00:00+08:00")
    draft = free(when=AtTime(due.replace(tzinfo=None)), when_missed=when_missed, grace_minutes=60)
    campaign = await approved(office, draft)
    clock.move_to(due + late)
    while await running.step(office):
        pass
    run = await Run.get(campaign_id=campaign.id)
    in_time = late <= HOUR
    assert run.state == ("sending" if in_time else STATES[when_missed])
    messages = await Message.filter(run_id=run.id)
    assert bool(messages) == (run.state == "sending")
    assert all(message.expires_at and message.expires_at > clock.now() + HOUR for message in messages)
    await outbox.expire(office)
    assert not await Message.filter(state="expired").exists()
    finished = (await Campaign.get(id=campaign.id)).state == "finished"
    assert finished == (run.state == "cancelled")
    assert await running.tick(office) == 0
    assert await Run.all().count() == 1

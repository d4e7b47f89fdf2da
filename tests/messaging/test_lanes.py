"""One lane, one owner: leases, epochs, what an older epoch brings back."""

from datetime import timedelta

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import claiming, outbox, recording
from messaging.channel import Result
from messaging.lanes import Lane, ensure_lane
from models import sql
from models.lane import Lane as LaneRow
from models.outgoing import Attempt, Message
from models.states import Outcome
from tests.messaging.conftest import Stage

DRIVER = "+8613800000001"


async def lane_of(owner: str, *, alone: bool = False) -> Lane:
    return Lane(await ensure_lane("sms", "+1", 10), "sms", 10, owner, alone=alone)


async def test_settings_make_the_first_lane_and_keep_it_up_to_date(db: str) -> None:
    first = await ensure_lane("sms", "+1", 10)
    assert await ensure_lane("sms", "MG2", 30) == first
    row = await LaneRow.get()
    assert (row.sender, row.rate, row.channel) == ("MG2", 30, "sms")


async def test_one_owner_at_a_time(db: str, office: Office) -> None:
    mine, other = await lane_of("a"), await lane_of("b")
    assert await mine.is_ready(office)
    assert not await other.is_ready(office)
    await mine.release()
    assert await other.is_ready(office)
    assert other.epoch == 2


async def test_an_expired_lease_is_taken_over_and_the_old_owner_notices(
    db: str, office: Office, clock: HandClock
) -> None:
    mine, other = await lane_of("a"), await lane_of("b")
    assert await mine.is_ready(office)
    await sql.execute("UPDATE lane SET lease_until = $1", clock.now() - timedelta(days=365))
    assert await other.is_ready(office)
    assert await mine.is_ready(office)  # its own clock still trusts the lease …
    clock.advance(timedelta(seconds=26))
    assert not mine.is_owned(office)  # … never beyond its end
    assert not await mine.is_ready(office)
    assert other.epoch == 2


async def test_a_process_that_is_alone_need_not_wait_for_the_lease_of_a_killed_one(db: str, office: Office) -> None:
    assert await (await lane_of("killed")).is_ready(office)
    assert await (await lane_of("new", alone=True)).is_ready(office)


async def test_a_lane_that_is_switched_off_sends_nothing(db: str, office: Office) -> None:
    lane = await lane_of("a")
    await LaneRow.all().update(enabled=False)
    assert not await lane.is_ready(office)


async def test_what_was_open_at_a_takeover_is_unknown_and_late_results_are_refused(stage: Stage) -> None:
    sender = stage.sender("sms")
    await stage.say(DRIVER, "once")
    assert await sender.lane.is_ready(stage.office)
    (claimed,) = (await claiming.claim(stage.office, sender, 1)).claimed
    other = Lane(sender.lane.id, "sms", 10, "other", alone=True)
    assert await other.is_ready(stage.office)
    assert (await Message.get()).state == "unknown"
    await recording.settle(stage.office, sender.lane, [(claimed, Result(Outcome.NOT_SENT, code="late"))])
    assert (await Message.get()).state == "unknown"
    assert (await Attempt.get()).code == "abandoned"
    assert await stage.sandbox.ledger() == []


async def test_what_an_older_owner_claims_after_the_takeover_does_not_stay_on_its_way(
    stage: Stage, clock: HandClock
) -> None:
    """A process that was stopped in the midst of its claim goes on with it; the owner's next renewal sees to it."""
    sender = stage.sender("sms")
    await stage.say(DRIVER, "once")
    assert await sender.lane.is_ready(stage.office)
    other = Lane(sender.lane.id, "sms", 10, "other", alone=True)
    assert await other.is_ready(stage.office)
    assert len((await claiming.claim(stage.office, sender, 1)).claimed) == 1
    clock.advance(timedelta(seconds=11))
    assert await other.is_ready(stage.office)
    assert (await Message.get()).state == "unknown"
    assert (await Attempt.get()).code == "abandoned"


async def test_what_a_failing_database_left_open_is_unknown_afterwards(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("gone")

    await stage.sandbox.fault("lose_receipt")
    await stage.say(DRIVER, "once")
    with monkeypatch.context() as patched:
        patched.setattr(recording, "PAUSES", (0.0,))
        patched.setattr(recording, "settle", fail)
        with pytest.raises(BaseExceptionGroup):
            await outbox.step(stage.office, stage.sender("sms"))
    assert (await Message.get()).state == "sending"
    assert await outbox.step(stage.office, stage.sender("sms")) == 0
    assert (await Message.get()).state == "unknown"
    assert len(await stage.sandbox.ledger()) == 1


@pytest.mark.parametrize(
    ("told", "seconds"), [(5.0, 5.0), (0.5, 0.5), (1e9, 900.0), (float("inf"), 900.0), (None, 1.0), (-3.0, 1.0)]
)
async def test_how_long_a_lane_is_held(office: Office, clock: HandClock, told: float | None, seconds: float) -> None:
    lane = Lane(1, "sms", 10, "a")
    assert lane.hold(office, told) == seconds
    assert lane.is_held(office)
    clock.advance(timedelta(seconds=seconds))
    assert not lane.is_held(office)


async def test_unexplained_refusals_hold_longer_and_longer(office: Office, clock: HandClock) -> None:
    lane, held = Lane(1, "sms", 10, "a"), []
    for _ in range(8):
        held.append(lane.hold(office, None))
        assert lane.hold(office, None) == held[-1]  # another one in flight is the same refusal
        clock.advance(timedelta(seconds=held[-1]))
    assert held == [1, 2, 4, 8, 16, 32, 60, 60]
    lane.heard()
    assert lane.hold(office, None) == 1


async def test_a_held_lane_is_still_held_after_a_restart(stage: Stage) -> None:
    await stage.sandbox.fault("status_429", count=1, retry_after=300)
    await stage.say(DRIVER, "later")
    await stage.send()
    again = Lane(stage.sender("sms").lane.id, "sms", 10, "new", alone=True)
    assert not await again.is_ready(stage.office)
    assert (await LaneRow.get(name="sms")).last_error == "http_429"

"""F23 and F27: what people do between filling and sending, and while a run is being sent."""

import asyncio

import pytest

from campaigns import approving, drafting
from core.clock import HandClock
from core.errors import Conflict
from core.office import Office
from messaging.outbox import books
from models.campaign import Campaign, Run, RunText
from models.outgoing import Message
from people.importing import import_people
from tests.campaigns.story import EDITOR, free, message_of, started
from tests.faults import prepared
from tests.faults.conftest import Begin
from tests.faults.harness import ENDS, Trial, states
from tests.faults.oracle import accepted, check, drain
from tests.messaging.conftest import Stage
from tests.people.sample import STAFF, actor, load_sample

LEFT, OUT = 9021022, 9021023
IN_FLIGHT = 64
REST_SECONDS = 1.0
"""Long enough for as many again as may have been in flight, if somebody went on sending."""


def number_of(staff_no: int) -> str:
    line = next(each for each in STAFF.decode("utf-8-sig").splitlines() if each.startswith(str(staff_no)))
    return next(cell for cell in line.split(",") if cell.startswith("+"))


@pytest.fixture
async def filled(stage: Stage) -> Run:
    """A run of duty to the whole sample, filled and not sent; everybody by SMS."""
    staff = STAFF.replace(b",telegram,", b",sms,")
    await load_sample(stage.office)
    assert (await import_people(stage.office, staff=staff, phones="possible")).written
    _, run = await started(stage.office, free("请核对名单。"))
    return run


async def sent_to(stage: Stage) -> set[str]:
    return {to for to, _ in await accepted(stage)}


async def test_f23_who_left_or_opted_out_after_filling_is_not_told(stage: Stage, filled: Run, clock: HandClock) -> None:
    lines = STAFF.replace(b",telegram,", b",sms,").decode().splitlines()
    gone = [line.replace(",active,", ",left,") if line.startswith(str(LEFT)) else line for line in lines]
    assert (await import_people(stage.office, staff="\n".join(gone).encode(), phones="possible")).written
    path = f"phones/{number_of(OUT)}/send"
    said = await stage.sandbox.call("POST", path, account=stage.sandbox.account, text="STOP")
    assert said["webhook_status"] == 200
    await drain(stage, clock)
    assert not {number_of(LEFT), number_of(OUT)} & await sent_to(stage)
    assert ((await message_of(filled, LEFT)).state, (await message_of(filled, LEFT)).reason) == ("suppressed", "left")
    assert (await message_of(filled, OUT)).reason == "opted_out"
    await check(stage)
    assert (await books(filled.id)).balance


@pytest.mark.parametrize("to", ["+86100000000999", ""])
async def test_f23_who_changed_his_number_after_filling_is_told_at_the_new_one(
    stage: Stage, filled: Run, clock: HandClock, to: str
) -> None:
    """The old number may be a stranger's by now: nothing goes there any more. Without a new one he has none."""
    old = number_of(LEFT)
    staff = STAFF.replace(b",telegram,", b",sms,").replace(old.encode(), to.encode())
    assert (await import_people(stage.office, staff=staff, phones="possible")).written
    await drain(stage, clock)
    told = await sent_to(stage)
    assert old not in told
    message = await message_of(filled, LEFT)
    if to:
        assert to in told
        assert message.accepted_at is not None
    else:
        assert (message.state, message.reason) == ("suppressed", "no_address")
    await check(stage)


async def test_f23_a_number_that_somebody_else_has_now_gets_his_message_alone(
    stage: Stage, filled: Run, clock: HandClock
) -> None:
    first, second = number_of(LEFT), number_of(OUT)
    swapped = STAFF.replace(b",telegram,", b",sms,").replace(first.encode(), b"+86100000000999")
    swapped = swapped.replace(second.encode(), first.encode())
    assert (await import_people(stage.office, staff=swapped, phones="possible")).written
    await drain(stage, clock)
    got = [row["to"] for row in await stage.sandbox.ledger()]
    assert (got.count(first), got.count(second), got.count("+86100000000999")) == (1, 0, 1)
    await check(stage)


async def test_f27_a_change_during_sending_is_refused_and_what_is_said_stays(
    stage: Stage, filled: Run, clock: HandClock
) -> None:
    campaign = await Campaign.get(id=filled.campaign_id)
    editor = await actor(stage.office, EDITOR)
    with pytest.raises(Conflict):
        await drafting.do_change(stage.office, editor, campaign.public_id, free("改了。"), campaign.version)
    await approving.do_pause(stage.office, editor, campaign.public_id)
    with pytest.raises(Conflict):
        await drafting.do_change(stage.office, editor, campaign.public_id, free("改了。"), campaign.version)
    await approving.do_resume(stage.office, editor, campaign.public_id)
    await drain(stage, clock)
    said = {text for _, text in await accepted(stage)}
    assert (
        said == {each.text for each in await RunText.filter(run_id=filled.id, lang__in=("zh-Hans", "zh-Hant"))} or said
    )
    assert not any("改了" in text for text in said)
    await check(stage)


async def act(trial: Trial, office: Office, deed: str) -> None:
    """Do as another process does that somebody uses the console of."""
    campaign = await Campaign.all().order_by("-id").first()
    assert campaign is not None
    done = {"pause": approving.do_pause, "resume": approving.do_resume, "cancel": approving.do_cancel}[deed]
    await done(office, await actor(office, prepared.EDITOR), campaign.public_id)


async def rests(trial: Trial, before: int) -> int:
    """At most what was in flight has left since; then nothing leaves any more. Return how many that makes."""
    stopped, now = -1, before
    while now > stopped:
        stopped = now
        await asyncio.sleep(REST_SECONDS)
        now = await trial.accepted()
        assert now - before <= IN_FLIGHT
    return now


@pytest.mark.kill
@pytest.mark.timeout(300)
async def test_f27_pause_resume_and_cancel_during_sending(begin: Begin, office: Office) -> None:
    trial = await begin(rate=100, receipts=1)
    await trial.program.start()
    await trial.until_accepted(60)
    await act(trial, office, "pause")
    paused = await rests(trial, await trial.accepted())
    assert (await states())["queued"] > 300
    await act(trial, office, "resume")
    await trial.until_accepted(paused + 80)
    await act(trial, office, "cancel")
    await rests(trial, await trial.accepted())
    ledger = await trial.ledger()
    assert len({row["to"] for row in ledger}) == len(ledger)
    kept = await books(await trial.run_id())
    assert kept.balance
    assert (kept.planned, kept.open, kept.unknown, kept.accepted_ever) == (prepared.SIZE, 0, 0, len(ledger))
    now = await states()
    assert now["cancelled"] == prepared.SIZE - len(ledger) - sum(ENDS.values())
    assert (await Run.get()).state == "cancelled"
    assert await Message.filter(state="cancelled", accepted_at__isnull=False).count() == 0

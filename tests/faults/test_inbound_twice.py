"""F13: the same inbound twice in parallel and after a restart, and kills around its commit."""

import asyncio
from typing import Any

import pytest

from models.campaign import Schedule
from models.inbound import Inbound
from models.outgoing import Message
from models.record import Record
from tests.faults.conftest import Begin
from tests.faults.harness import Trial

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
DRIVER, OTHER = "+86100300000002", "+86100300000003"
STATEMENT = "投訴 窗口排隊三小時冇人理"


async def texted(trial: Trial, number: str = DRIVER, **more: Any) -> dict[str, Any]:
    trial.secrets |= {STATEMENT, STATEMENT[3:], number[1:]}
    account = trial.provider.account
    sent: dict[str, Any] = await trial.provider.call(
        "POST", f"phones/{number}/send", account=account, text=STATEMENT, **more
    )
    return sent


async def without_a_run(begin: Begin) -> Trial:
    """The 500 rest: nothing but the inbound is at work."""
    await Schedule.all().update(next_due_at=None)
    return await begin(latency_ms=0)


async def answered(trial: Trial) -> tuple[int, int, int]:
    """Wait until everything was handled and said; return how many inbound rows, records and messages there are."""

    async def quiet() -> bool:
        waiting = await Inbound.filter(handled_at__isnull=True).exists()
        return not waiting and not await Message.filter(state__in=("queued", "sending")).exists()

    await trial.until(quiet, "the answer")
    return await counted(trial)


async def counted(trial: Trial) -> tuple[int, int, int]:
    return await Inbound.all().count(), await Record.filter(kind="complaint").count(), await trial.accepted()


async def test_f13_the_same_inbound_twice_at_once_and_after_a_restart_is_one_complaint(begin: Begin) -> None:
    trial = await without_a_run(begin)
    first = await texted(trial)  # nobody listens yet
    assert first["webhook_status"] is None
    await trial.program.start()
    told = await asyncio.gather(*(texted(trial, sid=first["sid"]) for _ in range(4)))
    assert {each["webhook_status"] for each in told} == {200}
    inbound, complaints, said = await answered(trial)
    assert (inbound, complaints) == (1, 1)
    assert said > 0
    await trial.program.kill()
    await trial.restart()
    assert (await texted(trial, sid=first["sid"]))["webhook_status"] == 200
    assert await answered(trial) == (1, 1, said)
    await texted(trial, OTHER)
    assert await answered(trial) == (2, 2, 2 * said), "a single delivery is answered with as many messages"


@pytest.mark.parametrize(("place", "stored"), [("inbox.storing", 0), ("inbox.stored", 1)])
async def test_f13_killed_around_its_commit_the_provider_repeats_it(begin: Begin, place: str, stored: int) -> None:
    trial = await without_a_run(begin)
    trial.program.launch(place)
    await trial.program.ready()
    sent = await texted(trial)
    assert sent["webhook_status"] is None
    assert await trial.program.ended() == -9
    assert await Inbound.all().count() == stored
    await trial.restart()
    assert (await texted(trial, sid=sent["sid"]))["webhook_status"] == 200
    inbound, complaints, said = await answered(trial)
    assert (inbound, complaints) == (1, 1)
    assert said > 0

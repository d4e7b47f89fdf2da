"""What came in while the program was down, and whose webhook nobody repeats, is found by the next start, once."""

from datetime import UTC, datetime, timedelta

import pytest

from models import looking_queries, sql
from models.campaign import Schedule
from models.inbound import Inbound
from models.outgoing import Message
from models.record import Record
from tests.faults.conftest import Begin
from tests.faults.harness import Trial

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
DRIVER = "+86100300000002"
STATEMENT = "投訴 窗口排隊三小時冇人理"
STAMPS = "SELECT name, value FROM service_stamp WHERE name LIKE 'looked %'"


async def looked_two_hours_ago(trial: Trial) -> None:
    """Start it for its first look, kill it, and put that look's moment back."""

    async def looked() -> bool:
        return bool(await sql.rows(STAMPS))

    await trial.program.start()
    await trial.until(looked, "the first look")
    await trial.program.kill()
    (stamp,) = await sql.rows(STAMPS)
    earlier = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    await looking_queries.put_stamp(stamp["name"], f"{earlier} {earlier}")


async def test_a_message_that_found_nobody_is_answered_once(begin: Begin) -> None:
    trial = await begin(latency_ms=0)
    await Schedule.all().update(next_due_at=None)
    await looked_two_hours_ago(trial)
    trial.secrets |= {STATEMENT, STATEMENT[3:], DRIVER[1:]}
    provider = trial.provider
    await provider.call("PUT", "clock", offset_s=-300)
    sent = await provider.call("POST", f"phones/{DRIVER}/send", account=provider.account, text=STATEMENT)
    await provider.call("PUT", "clock", offset_s=0)
    assert sent["webhook_status"] is None, "nobody listens"
    await trial.program.start()

    async def answered() -> bool:
        handled = await Inbound.filter(state="handled").exists()  # first: the answer is written with it
        return handled and not await Message.filter(state__in=("queued", "sending")).exists()

    await trial.until(answered, "the answer")
    said = await trial.accepted()
    late = await provider.call("POST", f"phones/{DRIVER}/send", account=provider.account, text="", sid=sent["sid"])
    assert late["webhook_status"] == 200
    await trial.program.kill()
    await trial.program.start()
    assert (await Inbound.all().count(), await Record.filter(kind="complaint").count()) == (1, 1)
    assert await trial.accepted() == said > 0

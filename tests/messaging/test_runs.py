"""What a run's messages are told again at the moment of sending: its state, its frozen text, who left."""

from typing import Any

import pytest

from messaging import outbox
from models.address import Address
from models.campaign import Campaign, Run, RunText, Schedule
from models.org import Person
from models.outgoing import Message
from tests.messaging.conftest import Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


async def make_person(stage: Stage, **more: Any) -> Person:
    return await Person.create(name=stage.office.key.encrypt("吴某"), **more)


async def make_run(stage: Stage, state: str, *people: Person) -> Run:
    """A run with a frozen text in two languages and one message for each person, as a fill inserts them."""
    now = stage.office.clock.now()
    author = await make_person(stage)
    campaign = await Campaign.create(title="中秋", audience={}, author=author, created_at=now, updated_at=now)
    schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
    run = await Run.create(
        campaign=campaign, schedule=schedule, due_at=now, category="education", audience={}, state=state
    )
    await RunText.create(run=run, lang="zh-Hans", text="中秋将至，请勿收礼。", segments=1)
    await RunText.create(run=run, lang="en", text="No gifts at Mid-Autumn.", segments=1)
    for number, person in enumerate(people):
        address = await Address.get(id=await stage.address("sms", f"+861380000{number:04}"))
        await Message.create(
            dedupe_key=f"run:{run.id}:{person.id}",
            channel="sms",
            address=address,
            person=person,
            run=run,
            category="education",
            priority=9,
            lang=person.lang,
            queued_at=now,
            state_at=now,
            buttons=[[{"label": "收到", "data": "ack"}]],
        )
    return run


async def test_the_frozen_text_of_the_right_language_is_said(stage: Stage) -> None:
    run = await make_run(stage, "sending", await make_person(stage), await make_person(stage, lang="en"))
    assert await stage.send() == 2
    assert sorted(row["text"] for row in await stage.sandbox.ledger()) == [
        "No gifts at Mid-Autumn.",
        "中秋将至，请勿收礼。",
    ]
    assert await outbox.books(run.id) == outbox.Books(2, 2, 0, 0, 0)


@pytest.mark.parametrize("state", ["due", "filling", "paused"])
async def test_a_run_that_does_not_send_is_held(stage: Stage, state: str) -> None:
    run = await make_run(stage, state, await make_person(stage))
    assert await stage.send() == 0
    await Run.filter(id=run.id).update(state="sending")
    assert await stage.send() == 1


async def test_a_cancelled_run_says_nothing(stage: Stage) -> None:
    run = await make_run(stage, "cancelled", await make_person(stage))
    await stage.send()
    message = await Message.get()
    assert (message.state, message.reason) == ("cancelled", "run_cancelled")
    assert await outbox.books(run.id) == outbox.Books(1, 0, 1, 0, 0)


@pytest.mark.parametrize(("status", "reason"), [("left", "left"), ("leave", "on_leave")])
async def test_who_left_after_the_fill_is_told_nothing(stage: Stage, status: str, reason: str) -> None:
    person = await make_person(stage)
    await make_run(stage, "sending", person)
    await Person.filter(id=person.id).update(status=status)
    await stage.send()
    message = await Message.get()
    assert (message.state, message.reason) == ("suppressed", reason)
    assert await stage.sandbox.ledger() == []


async def test_a_missing_address_and_a_missing_text_end_the_message(stage: Stage) -> None:
    nobody, speaker = await make_person(stage), await make_person(stage, lang="fr")
    await make_run(stage, "sending", nobody, speaker)
    await Message.filter(person_id=nobody.id).update(address_id=None)
    await stage.send()
    assert {(m.state, m.reason) for m in await Message.all()} == {
        ("suppressed", "no_address"),
        ("suppressed", "too_long"),
    }

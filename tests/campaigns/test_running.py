"""Due moments, fills that are repeated or cut off, lateness, pause and cancel, and how many statements a fill takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from campaigns import approving, running
from campaigns.answering import acknowledge, is_waiting
from campaigns.audience import Audience
from campaigns.results import books_of, counts, results
from campaigns.running import do_decide_missed
from core.clock import HandClock
from core.errors import Conflict
from core.office import Office
from models import run_queries, sql
from models.address import Address
from models.campaign import Campaign, Run
from models.inbound import OpenQuestion
from models.org import Person
from models.outgoing import Message
from models.run_queries import Filling
from tests.campaigns.story import (
    APPROVER,
    EDITOR,
    address_of,
    approved,
    at,
    due,
    free,
    message_of,
    mid_autumn,
    provider_takes,
    started,
)
from tests.people.sample import actor, load_sample


@contextmanager
def _counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement of the ORM and of named queries, while it lasts."""
    seen: list[str] = []
    with monkeypatch.context() as patch:
        kinds = {type(sql.connection())}
        for kind in {base for one in kinds for base in one.__mro__}:
            for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many"):
                if name in kind.__dict__:
                    _watch(patch, kind, name, seen)
        yield seen


def _watch(patch: pytest.MonkeyPatch, kind: type, name: str, seen: list[str]) -> None:
    real = getattr(kind, name)

    async def watched(self: Any, query: str, *values: Any) -> Any:
        seen.append(query)
        return await real(self, query, *values)

    patch.setattr(kind, name, watched)


async def _filling(run: Run, **changes: Any) -> Filling:
    given = {
        "run_id": run.id,
        "round": 1,
        "category": "education",
        "priority": 9,
        "asks_consent": "education",
        "scope": await running.scope_of(Audience()),
        "chase_of": None,
        "now": run.due_at,
        "expires_at": run.due_at + timedelta(hours=48),
        "buttons": [],
    }
    return Filling(**(given | changes))


async def test_a_fill_cut_off_leaves_nothing_and_is_repeated(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load_sample(office)
    await approved(office, free(ack=True))
    await running.tick(office)

    async def crash(*_: Any) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(run_queries, "ask_for_acknowledgement", crash)
        with pytest.raises(ConnectionError):
            await running.fill_step(office)
    run = await Run.all().first()
    assert run is not None
    assert (run.state, await Message.filter(run_id=run.id).count()) == ("due", 0)
    assert await running.fill_step(office) == 1
    before = sorted(await Message.filter(run_id=run.id).values_list("dedupe_key", flat=True), key=str)
    assert len(before) == 39
    person_id = (await message_of(run, 9021001)).person_id
    assert f"run:{run.id}:{person_id}:telegram:1" in before
    await Run.filter(id=run.id).update(state="filling")
    assert await running.fill_step(office) == 1
    assert sorted(await Message.filter(run_id=run.id).values_list("dedupe_key", flat=True), key=str) == before
    assert await OpenQuestion.filter(kind="ack", ref_id=run.id).count() == 37


async def test_a_due_moment_makes_one_run(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn())
    run = await due(office, clock, at("09-22T09:00"), campaign)
    assert await running.tick(office) == 0
    values = (run.campaign_id, run.schedule_id, run.due_at, 1, "due", "education", False, {})
    assert await run_queries.make_run(("another", *values)) is None
    assert await Run.all().count() == 1


@pytest.mark.parametrize(("when_missed", "state"), [("send", "sending"), ("skip", "cancelled"), ("ask", "missed")])
async def test_lateness_is_a_decision(db: str, office: Office, clock: HandClock, when_missed: str, state: str) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn(when_missed=when_missed, grace_minutes=60))
    run = await due(office, clock, at("09-22T10:01"), campaign)
    assert run.state == state
    if state == "missed":
        approver = await actor(office, APPROVER)
        await do_decide_missed(office, approver, run.public_id, send=True)
        await running.step(office)
        assert (await Run.get(id=run.id)).state == "sending"
        with pytest.raises(Conflict):
            await do_decide_missed(office, approver, run.public_id, send=False)
    if state == "cancelled":
        assert (await Campaign.get(id=campaign.id)).state == "finished"


async def test_within_the_grace_it_is_sent(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn(grace_minutes=60))
    assert (await due(office, clock, at("09-22T10:00"), campaign)).state == "sending"


async def test_pause_resume_cancel(db: str, office: Office) -> None:
    await load_sample(office)
    campaign, run = await started(office, free())
    editor = await actor(office, EDITOR)
    await approving.do_pause(office, editor, campaign.public_id)
    assert (await Run.get(id=run.id)).state == "paused"
    with pytest.raises(Conflict):
        await approving.do_pause(office, editor, campaign.public_id)
    await approving.do_resume(office, editor, campaign.public_id)
    assert (await Run.get(id=run.id)).state == "sending"
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="sending")
    with pytest.raises(Conflict):
        await approving.do_finish(office, editor, campaign.public_id)
    await approving.do_cancel(office, editor, campaign.public_id)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, now.cancelled, now.open, now.suppressed, now.no_address) == ("cancelled", 36, 1, 1, 1)
    assert (await books_of(run)).balance
    assert {one.word_keys for one in await results(office, run, "zh-Hans", limit=3)} == {
        ("word.message.cancelled", "word.message.because_run_cancelled")
    }


async def test_unknown_does_not_hold_a_run_open(db: str, office: Office) -> None:
    await load_sample(office)
    campaign, run = await started(office, free())
    await provider_takes(office, run)
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="queued", accepted_at=None)
    await running.step(office)
    assert (await Run.get(id=run.id)).state == "sending"
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="unknown")
    await running.step(office)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, (await Campaign.get(id=campaign.id)).state) == ("finished", "finished")
    assert (now.unknown, now.submitted, now.delivered) == (1, 37, 36)
    problem = await results(office, run, "en", only="problem")
    assert {(one.staff_no, one.word_keys) for one in problem} == {
        ("9021022", ("word.message.unknown",)),
        ("9021031", ("word.message.suppressed", "word.message.because_opted_out")),
        ("9021040", ("word.message.suppressed", "word.message.because_no_address")),
    }
    assert all(office.texts.say(key, "en") for one in problem for key in one.word_keys)


async def test_no_report_for_three_days(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    _, run = await started(office, free())
    await provider_takes(office, run, state="sent")
    clock.advance(timedelta(hours=71))
    shown = {
        one.channel: one.word_keys for one in await results(office, run, "en", limit=100) if len(one.word_keys) == 1
    }
    assert shown == {"sms": ("word.message.sent",), "telegram": ("word.message.delivered",)}
    clock.advance(timedelta(hours=1))
    shown = {
        one.channel: one.word_keys for one in await results(office, run, "en", limit=100) if len(one.word_keys) == 1
    }
    assert shown["sms"] == ("word.message.unconfirmed",)


async def test_the_other_address_is_used_and_a_bad_one_named(db: str, office: Office) -> None:
    await load_sample(office)
    chat = await Address.get(id=await address_of(9021024, "telegram"))
    await Address.filter(id=chat.id).update(bad_at=office.clock.now())
    await Address.filter(id=await address_of(9021023)).update(bad_at=office.clock.now())
    _, run = await started(office, free(category="duty"))
    moved, bad, opted = [await message_of(run, number) for number in (9021024, 9021023, 9021031)]
    assert (moved.channel, moved.state, moved.segments, moved.priority) == ("sms", "queued", 1, 5)
    assert (bad.state, bad.reason) == ("suppressed", "bad_address")
    assert opted.state == "queued"  # duty messages ask for no consent


async def test_acknowledging_once_and_only_what_was_said(db: str, office: Office) -> None:
    await load_sample(office)
    _, run = await started(office, free(ack=True))
    chat, phone = await address_of(9021024, "telegram"), await address_of(9021024)
    assert not await is_waiting(office, chat)
    assert await acknowledge(office, chat, run.id, "telegram") == "T-ACK-NONE"
    await provider_takes(office, run)
    assert await is_waiting(office, chat)
    assert await acknowledge(office, phone, None, "sms") == "T-ACK-NONE"
    for _ in range(2):
        assert await acknowledge(office, chat, run.id, "telegram") == "T-ACK-OK"
    assert await acknowledge(office, chat, run.id + 1, "telegram") == "T-ACK-NONE"
    assert (await counts(office, run)).acked == 1
    editor = await actor(office, EDITOR)
    await running.step(office)
    await approving.do_finish(office, editor, (await Campaign.get(id=run.campaign_id)).public_id)
    late = await address_of(9021021, "telegram")
    assert await acknowledge(office, late, None, "telegram") == "T-ACK-NONE"
    assert await acknowledge(office, late, run.id, "telegram") == "T-ACK-OK"
    assert (await counts(office, run)).acked == 2
    shown = await results(office, run, "en", only="acked")
    assert [(one.name, one.unit, one.word_keys) for one in shown] == [
        ("Chu Yanqiu", "Inspection Section 1", ("word.message.acked",)),
        ("Lu Mingye", "Inspection Section 2", ("word.message.acked",)),
    ]


async def test_fill_of_many_is_as_many_statements_as_of_few(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load_sample(office)
    _, few = await started(office, free(ack=True))
    with _counted(monkeypatch) as small:
        await run_queries.fill(await _filling(few))
    many = 10_000
    await sql.execute(
        "INSERT INTO person (public_id, kind, name, lang, status, unit_id, preferred_channel, post, post_class, "
        "monthly_report, signing_tries) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) "
        "SELECT 'many' || i, 'staff', p.name, 'zh-Hans', 'active', p.unit_id, 'sms', '', 'key', TRUE, 0 "
        "FROM n, person p WHERE p.staff_no = '9021022'",
        many,
    )
    await sql.execute(
        "INSERT INTO address (public_id, channel, identity, identity_hash, person_id, created_at, verified_at) "
        "SELECT p.public_id, 'sms', p.name, p.public_id, p.id, $1::timestamptz, $1::timestamptz "
        "FROM person p WHERE p.public_id LIKE 'many%'",
        office.clock.now(),
    )
    assert await Person.all().count() == many + 40
    await approved(office, free("第二次", ack=True))
    with _counted(monkeypatch) as seen:
        assert await running.step(office) > 0
    big = await Run.all().order_by("-id").first()
    assert big is not None
    assert await Message.filter(run_id=big.id, state="queued").count() == many + 37
    assert await OpenQuestion.filter(ref_id=big.id).count() == many + 37
    assert len([one for one in small if one.startswith("INSERT INTO message")]) == 1
    assert len([one for one in seen if one.startswith("INSERT INTO message")]) == 1
    assert len(seen) <= 45

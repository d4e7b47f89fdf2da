"""Filling in slices: cut off, stopped, by several at once; whose which address; how many statements it takes."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns import approving, running
from campaigns.audience import GROUPS, preview, readers
from campaigns.chasing import do_chase
from core.office import Office
from models import fill_queries, sql
from models.address import Address, Consent
from models.campaign import Campaign, Run
from models.inbound import OpenQuestion
from models.org import Person
from models.outgoing import Message
from tests.campaigns.story import EDITOR, approved, free, message_of, provider_takes, started
from tests.people.sample import actor, load_sample

STAFF, WRITTEN_TO = 39, 37


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


async def _due(office: Office, **changes: Any) -> tuple[Campaign, Run]:
    """A run of the sample's staff that is due."""
    await load_sample(office)
    campaign = await approved(office, free(**({"ack": True} | changes)))
    await running.tick(office)
    return campaign, await Run.get(campaign_id=campaign.id)


async def _keys(run: Run) -> list[str]:
    return sorted(map(str, await Message.filter(run_id=run.id).values_list("dedupe_key", flat=True)))


async def _filled(office: Office) -> None:
    while await running.fill_step(office):
        pass


async def _is_whole(run: Run, first: Run | None = None, many: int = STAFF, asked: int = WRITTEN_TO) -> None:
    """Everybody has one row, who is written to is asked once, and the run is sending."""
    run = await Run.get(id=run.id)
    assert (run.state, run.filled_at is not None) == ("sending", True)
    people = Counter(await Message.filter(run_id=run.id).values_list("person_id", flat=True))
    assert (len(people), set(people.values())) == (many, {1})
    keys = [
        str(key) for key in await Message.filter(run_id=run.id, state="queued").values_list("dedupe_key", flat=True)
    ]
    questions = await OpenQuestion.filter(kind="ack", ref_id=(first or run).id, message_key__in=keys).count()
    assert (len(keys), questions) == (asked, asked)


async def test_a_slice_cut_off_leaves_nothing_and_is_repeated(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, run = await _due(office)

    async def crash(*_: Any) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(fill_queries, "ask_for_acknowledgement", crash)
        with pytest.raises(ConnectionError):
            await running.fill_step(office)
    assert ((await Run.get(id=run.id)).state, await _keys(run)) == ("due", [])
    assert await running.fill_step(office) == 1
    before = await _keys(run)
    person_id = (await message_of(run, 9021001)).person_id
    assert f"run:{run.id}:{person_id}:telegram:1" in before
    await _is_whole(run)
    await Run.filter(id=run.id).update(state="filling", filled_to=0)
    assert await running.fill_step(office) == 1
    assert await _keys(run) == before
    await _is_whole(run)


async def test_slices_one_after_the_other(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = await _due(office)
    monkeypatch.setattr(running, "PERSONS", 10)
    for done in (10, 20, 30):
        assert await running.fill_step(office) == 1
        run = await Run.get(id=run.id)
        filled = Message.filter(run_id=run.id)
        assert (run.state, run.filled_at, await filled.count()) == ("filling", None, done)
        assert run.filled_to == max(await filled.values_list("person_id", flat=True))
        assert await filled.filter(state="queued").count() == await OpenQuestion.filter(ref_id=run.id).count()
    await _filled(office)
    await _is_whole(run)


@pytest.mark.parametrize("size", [1, 13, STAFF, STAFF + 1])
async def test_a_slice_that_ends_with_the_audience(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    _, run = await _due(office)
    monkeypatch.setattr(running, "PERSONS", size)
    await _filled(office)
    await _is_whole(run)


async def test_a_pause_holds_the_filling(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, run = await _due(office)
    editor = await actor(office, EDITOR)
    monkeypatch.setattr(running, "PERSONS", 10)
    await running.fill_step(office)
    await approving.do_pause(office, editor, campaign.public_id)
    assert await running.fill_step(office) == 0
    assert await fill_queries.hold_for_filling(run.id) is None
    assert len(await _keys(run)) == 10
    await approving.do_resume(office, editor, campaign.public_id)
    await _filled(office)
    await _is_whole(run)


async def test_a_cancel_ends_the_filling(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, run = await _due(office)
    monkeypatch.setattr(running, "PERSONS", 10)
    await running.fill_step(office)
    await approving.do_cancel(office, await actor(office, EDITOR), campaign.public_id)
    assert await running.step(office) == 0
    assert (await Run.get(id=run.id)).state == "cancelled"
    states = Counter(await Message.filter(run_id=run.id).values_list("state", flat=True))
    assert (states["queued"], states.total()) == (0, 10)
    assert await OpenQuestion.filter(ref_id=run.id, closed_at=None).count() == 0


async def test_a_large_cancel_is_taken_out_of_the_queue_in_slices(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, run = await _due(office)
    await _filled(office)
    monkeypatch.setattr(running, "PERSONS", 10)
    monkeypatch.setattr(approving, "CANCELLED_AT_ONCE", 10)
    await approving.do_cancel(office, await actor(office, EDITOR), campaign.public_id)
    queued = Message.filter(run_id=run.id, state="queued")
    assert await queued.count() == WRITTEN_TO - 10
    assert [await running.step(office) for _ in range(4)] == [10, 10, 7, 0]
    assert await Message.filter(run_id=run.id, reason="run_cancelled", state="cancelled").count() == WRITTEN_TO


async def test_several_fill_at_once(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = await _due(office)
    monkeypatch.setattr(running, "PERSONS", 4)
    while (await Run.get(id=run.id)).state != "sending":
        await asyncio.gather(*(running.fill_step(office) for _ in range(3)))
    await _is_whole(run)


async def test_runs_are_filled_in_turn(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await load_sample(office)
    for title in ("一", "二"):
        await approved(office, free(title, category="duty"))
    await running.tick(office)
    monkeypatch.setattr(running, "PERSONS", 10)
    assert await running.fill_step(office) == 2
    assert [await Message.filter(run_id=run.id).count() for run in await Run.all()] == [10, 10]


async def test_a_second_round_is_filled_in_slices_too(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await load_sample(office)
    _, first = await started(office, free(ack=True))
    await provider_takes(office, first)
    await running.step(office)
    await sql.execute(
        "INSERT INTO acknowledgement (run_id, person_id, channel, at) SELECT $1, person_id, 'sms', $2::timestamptz "
        "FROM message WHERE run_id = $1 AND channel = 'sms'",
        first.id,
        office.clock.now(),
    )
    sms = await Message.filter(run_id=first.id, channel="sms", state="delivered").count()
    monkeypatch.setattr(running, "PERSONS", 10)
    assert await do_chase(office, await actor(office, EDITOR), first.public_id) == WRITTEN_TO - sms
    assert await running.fill_step(office) == 1
    second = await Run.get(round=2)
    assert second.state == "filling"
    assert 0 < len(await _keys(second)) <= 10
    await _filled(office)
    await _is_whole(second, first, WRITTEN_TO - sms, WRITTEN_TO - sms)


async def _many_addresses(office: Office, dice: random.Random) -> None:
    """Give persons of the sample up to three more addresses, some bad, some not verified, some refused."""
    moments = [office.clock.now() - timedelta(days=days) for days in (1, 2)]
    for person in await Person.filter(kind="staff"):
        for number in range(dice.randrange(4)):
            address = await Address.create(
                channel=dice.choice(["sms", "telegram"]),
                identity=b"x",
                identity_hash=f"{person.id}-{number}",
                person_id=person.id,
                created_at=moments[0],
                verified_at=dice.choice([*moments, None]),
                bad_at=dice.choice([None, None, moments[0]]),
            )
            if dice.random() < 0.2:
                await Consent.create(
                    address=address, category="education", given=dice.random() < 0.5, source="word", at=moments[0]
                )


async def _expected(person: Person) -> tuple[int | None, str | None]:
    """The address that a person is written to, and why not: the rule, said once more in Python."""
    found = [one for one in await Address.filter(person_id=person.id) if one.verified_at is not None]
    if not found:
        return None, "no_address"

    def goodness(one: Address) -> tuple[bool, bool, bool, datetime, int]:
        assert one.verified_at is not None
        liked = one.channel == person.preferred_channel
        return one.bad_at is None, liked, one.channel == "telegram", one.verified_at, one.id

    best = max(found, key=goodness)
    if await Consent.filter(address_id=best.id, category="education", given=False).exists():
        return best.id, "opted_out"
    return best.id, "bad_address" if best.bad_at is not None else None


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_is_written_to_at_his_best_address(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    campaign, run = await _due(office)
    await _many_addresses(office, random.Random(seed))
    await Person.filter(staff_no__in=["9021021", "9021022"]).update(preferred_channel=None)
    seen = await preview(office, campaign)
    shown = {group: await readers(campaign, group, 0, 100) for group in GROUPS}
    assert [len(shown[group]) for group in GROUPS] == [seen.to_send, seen.skipped, seen.on_leave]
    monkeypatch.setattr(running, "PERSONS", 7)
    await _filled(office)
    await _is_whole(run, asked=seen.to_send)
    previewed = {one.person_id: (one.channel, one.reason) for one in (*shown["to_send"], *shown["skipped"])}
    for message in await Message.filter(run_id=run.id).prefetch_related("person"):
        assert (message.address_id, message.reason) == await _expected(message.person)
        assert (message.channel, message.reason) == previewed[message.person_id]


async def test_a_slice_of_many_is_as_many_statements_as_one_of_few(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load_sample(office)
    with _counted(monkeypatch) as few:
        await started(office, free(ack=True))
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
    await running.tick(office)
    slices = 0
    with _counted(monkeypatch) as seen:
        while await running.fill_step(office):
            slices += 1
    assert slices == many // running.PERSONS + 1
    big = await Run.all().order_by("-id").first()
    assert big is not None
    await _is_whole(big, many=many + STAFF, asked=many + WRITTEN_TO)
    assert len([one for one in few if one.startswith("INSERT INTO message") and "run_text" in one]) == 1
    assert len([one for one in seen if one.startswith("INSERT INTO message") and "run_text" in one]) == slices
    assert len(seen) <= 12 * slices

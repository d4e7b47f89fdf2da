"""The inbox: stored once, handed out in order per address, tried again, set aside."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import consent, inbox, lanes
from messaging.channel import Arrival
from messaging.inbox import InboundRow
from models import sql
from models.address import Address
from models.inbound import Inbound
from tests.messaging.counting import count_statements

DRIVER, OFFICER = "+8613800000001", "+8613800000002"


@pytest.fixture
async def lane(db: str) -> int:
    return await lanes.ensure_lane("sms", "+1", 10)


def arrival(provider_id: str, identity: str = DRIVER, text: str = "您好", **more: str) -> Arrival:
    return Arrival("sms", provider_id, identity, "text", text, **more)  # type: ignore[arg-type]


async def test_the_same_arrival_twenty_times_at_once_is_one_row(office: Office, lane: int) -> None:
    stored = await asyncio.gather(*(inbox.receive(office, lane, arrival("SM1")) for _ in range(20)))
    assert sorted(stored) == [False] * 19 + [True]
    assert await Inbound.all().count() == 1
    assert await Address.all().count() == 1


async def test_an_arrival_costs_four_statements(office: Office, lane: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await inbox.receive(office, lane, arrival("SM1"))
    counted = count_statements(monkeypatch)
    await inbox.receive(office, lane, arrival("SM2"))
    assert len(counted) == 3, counted
    counted.clear()
    await inbox.receive(office, lane, arrival("SM2"))
    assert len(counted) == 2, counted


async def test_rows_come_in_order_for_each_address(office: Office, lane: int) -> None:
    for number, identity in enumerate([DRIVER, DRIVER, OFFICER, DRIVER, OFFICER]):
        await inbox.receive(office, lane, arrival(f"SM{number}", identity, str(number)))
    seen: list[str | None] = []

    async def handle(row: InboundRow) -> None:
        seen.append(row.text)

    while await inbox.step(office, handle):
        pass
    assert seen == ["0", "2", "1", "4", "3"]
    assert await Inbound.filter(state="handled").count() == 5


async def test_what_fails_is_undone_tried_again_and_set_aside(office: Office, lane: int, clock: HandClock) -> None:
    await inbox.receive(office, lane, arrival("SM1", text="bad"))
    await inbox.receive(office, lane, arrival("SM2", text="good"))
    await inbox.receive(office, lane, arrival("SM3", OFFICER, text="other"))
    tried: list[str | None] = []

    async def handle(row: InboundRow) -> None:
        tried.append(row.text)
        if row.text == "bad":
            await sql.execute("UPDATE address SET lang = 'en'")
            raise RuntimeError("a defect")

    for _ in range(7):
        await inbox.step(office, handle)
        clock.advance(timedelta(minutes=2))
    assert tried == ["bad", "other", "bad", "bad", "bad", "bad", "good"]
    assert await Address.filter(lang="en").count() == 0
    aside = await Inbound.get(provider_id="SM1")
    assert (aside.state, aside.for_person, aside.tries) == ("set_aside", True, 5)


async def test_a_row_waits_for_its_pause_and_holds_only_its_own_address(
    office: Office, lane: int, clock: HandClock
) -> None:
    await inbox.receive(office, lane, arrival("SM1"))
    row = (await inbox.next_rows(office))[0]
    await inbox.put_back(office, row)
    await inbox.receive(office, lane, arrival("SM2"))
    await inbox.receive(office, lane, arrival("SM3", OFFICER))
    assert [each.address_id for each in await inbox.next_rows(office)] != [row.address_id]
    clock.advance(timedelta(seconds=3))
    assert len(await inbox.next_rows(office)) == 2


async def test_a_row_is_taken_once(office: Office, lane: int) -> None:
    await inbox.receive(office, lane, arrival("SM1"))
    row = (await inbox.next_rows(office))[0]
    assert await inbox.take(office, row)
    assert not await inbox.take(office, row)


async def test_what_the_provider_reports_of_consent_is_kept(office: Office, lane: int) -> None:
    await inbox.receive(office, lane, arrival("SM1", text="STOP", opt="out"))
    row = (await inbox.next_rows(office))[0]
    assert row.intent == "provider_opt_out"
    assert await consent.is_withdrawn(row.address_id, "education")
    await inbox.receive(office, lane, arrival("SM2", text="START", opt="in"))
    assert not await consent.is_withdrawn(row.address_id, "education")


async def test_a_body_is_encrypted_noted_and_scrubbed(office: Office, lane: int) -> None:
    await inbox.receive(office, lane, arrival("SM1", text="签收码 204816"))
    row = (await inbox.next_rows(office))[0]
    assert row.text == "签收码 204816"
    await inbox.note(row, intent="sign", urgent=True, for_person=True)
    await inbox.scrub(row.id)
    stored = await Inbound.get()
    assert (stored.body, stored.intent, stored.urgent, stored.for_person) == (None, "sign", True, True)


async def test_what_stands_in_a_record_is_erased_once_a_person_has_read_it(office: Office, lane: int) -> None:
    await inbox.receive(office, lane, arrival("SM1", text="仓库里有人拿刀"))
    await inbox.receive(office, lane, arrival("SM2", text="请回电"))
    first, second = await Inbound.all().order_by("id")
    rows = {first.id: True, second.id: False}
    for row_id, till_read in rows.items():
        row = (await inbox.next_rows(office))[0]
        assert row.id == row_id
        await inbox.note(row, for_person=True, till_read=till_read)
        assert await inbox.take(office, row)
    await inbox.mark_read(office, first.address_id or 0, first.id)
    assert await Inbound.filter(body__isnull=True, read_at__isnull=False).values_list("id", flat=True) == [first.id]
    await inbox.mark_read(office, first.address_id or 0, second.id)
    kept = await Inbound.get(id=second.id)
    assert kept.read_at is not None
    assert office.key.decrypt(bytes(kept.body or b"")) == "请回电"


async def test_a_language_hint_counts_only_for_a_new_address(office: Office, lane: int) -> None:
    await inbox.receive(office, lane, arrival("SM1", lang="en"))
    await inbox.receive(office, lane, arrival("SM2", lang="zh-Hant"))
    assert (await Address.get()).lang == "en"

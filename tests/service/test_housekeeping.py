"""Housekeeping: what is wrong reaches those who may manage lanes, and nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.parts import Bot
from core.limits import Limits
from core.office import Office
from messaging import addresses
from models.address import Address
from models.lane import Lane
from models.outgoing import Message
from models.sending import Incident
from people.access import able_to
from records.groups import ensure_groups
from records.loading import load_kinds
from service import housekeeping
from tests.people.sample import load_sample


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_manages_lanes_is_told_what_is_wrong(db: str, office: Office, tmp_path: Path) -> None:
    await load_sample(office)
    kinds = load_kinds(office.texts, Limits.load())
    await ensure_groups(office, kinds)
    now = office.clock.now()
    refused = {"last_error": "20003", "last_error_at": now, "held_until": now + timedelta(seconds=60)}
    await Lane.create(name="sms", channel="sms", rate=1.0, owner="one", **refused)
    managers = await able_to("lane.manage")
    assert managers
    for person in managers:
        chat = await addresses.find_or_create(office, "telegram", f"99{person}")
        await Address.filter(id=chat.id).update(person_id=person, verified_at=now)
    for _ in range(2):
        await housekeeping.step(office, Bot.make(office, kinds), tmp_path)
    incident = await Incident.get(closed_at=None)
    told = await Message.filter(text_key="incident.lane_refused").order_by("person_id")
    assert incident.sort == "lane_refused"
    assert [each.person_id for each in told] == managers
    assert {each.channel for each in told} == {"telegram"}

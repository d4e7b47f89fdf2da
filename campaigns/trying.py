"""The test message to the author himself, without which nothing is submitted: he reads what the others will read.

It counts as received when the provider says so, or when it is answered with 收到.
"""

from datetime import timedelta
from typing import Final

from campaigns.audience import spoken_texts, texts_of
from campaigns.drafting import check_lengths, find_campaign, record_act
from core.errors import Conflict, Refused
from core.office import Office
from messaging.channel import Button
from messaging.outbox import NewMessage, enqueue
from models import sql
from models.address import Address
from models.campaign import Campaign
from models.inbound import OpenQuestion
from models.org import Person
from models.outgoing import Message
from models.states import CampaignState
from people.access import Actor, check_may

ANSWERED_WITHIN: Final = timedelta(hours=24)
TEST_RUN: Final = 0
"""What stands for the run in the button of a test message: `ack:0`."""


async def do_test(office: Office, actor: Actor, public_id: str) -> str:
    """Send the campaign to the actor himself; return the channel it goes over.

    Raises NotThere, NotAllowed, Conflict when it is no draft, Refused when it is too long or he has no address.
    """
    check_may(actor, "campaign.write")
    campaign = await find_campaign(public_id)
    if campaign.state not in (CampaignState.DRAFT, CampaignState.SUBMITTED):
        raise Conflict("campaign.not_changeable")
    written = await texts_of(campaign.id)
    check_lengths(office, campaign, written)
    person = await Person.get(id=actor.person_id)
    address = await _own_address(person)
    if address is None:
        raise Refused("campaign.test_no_address")
    text = spoken_texts(office, campaign, written)[person.lang]
    async with sql.transaction():
        number = await Message.filter(dedupe_key__startswith=_prefix(campaign)).count() + 1
        message = _message(office, campaign, person, address, text, number)
        if await enqueue(office, message):
            await _ask(office, campaign, message)
            await record_act(office, campaign, actor.person_id, "test")
    return address.channel


def _message(
    office: Office, campaign: Campaign, person: Person, address: Address, text: str, number: int
) -> NewMessage:
    label = office.texts.say("campaign.ack_button", person.lang)
    return NewMessage(
        dedupe_key=f"{_prefix(campaign)}{number}",
        channel=address.channel,
        address_id=address.id,
        person_id=person.id,
        category="test",
        lang=person.lang,
        text=text,
        buttons=((Button(label, f"ack:{TEST_RUN}"),),) if campaign.ack else (),
    )


async def _ask(office: Office, campaign: Campaign, message: NewMessage) -> None:
    """Wait for the answer that shows that the test has arrived."""
    now = office.clock.now()
    await OpenQuestion.create(
        address_id=message.address_id,
        person_id=message.person_id,
        kind="ack",
        topic=f"test:{campaign.id}:{campaign.version}",
        message_key=message.dedupe_key,
        asked_at=now,
        expires_at=now + ANSWERED_WITHIN,
    )


async def is_tested(campaign: Campaign) -> bool:
    """Return whether a test message of the present version was received."""
    if campaign.tested_version == campaign.version:
        return True
    sent = Message.filter(dedupe_key__startswith=_prefix(campaign))
    return (
        await sent.filter(state__in=("delivered", "read")).exists()
        or await sent.filter(channel="telegram", state__in=("accepted", "sent")).exists()
    )


async def close_tests(office: Office, campaign: Campaign) -> None:
    """Stop waiting for answers to test messages; a button that is pressed later is still thanked for."""
    asked = OpenQuestion.filter(kind="ack", topic__startswith=f"test:{campaign.id}:", closed_at__isnull=True)
    await asked.update(closed_at=office.clock.now(), outcome="answered")


async def _own_address(person: Person) -> Address | None:
    usable = await Address.filter(person_id=person.id, verified_at__isnull=False, bad_at__isnull=True)
    usable.sort(key=lambda one: (one.channel != person.preferred_channel, one.channel != "telegram", -one.id))
    return usable[0] if usable else None


def _prefix(campaign: Campaign) -> str:
    return f"test:{campaign.id}:{campaign.version}:"

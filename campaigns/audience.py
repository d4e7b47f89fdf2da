"""Who gets a campaign, who is skipped and why, and what it costs: read from the same rule that fills the run."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.errors import Refused
from core.office import Office
from core.segments import count
from core.text import LANGUAGES
from core.texts import sign
from messaging.channel import SMS, TELEGRAM
from messaging.consent import needs_consent
from models import audience_queries
from models.audience_queries import Scope
from models.campaign import Campaign, CampaignText
from models.org import Person
from people.persons import name_of
from people.units import UnitTree, load_tree

MOST_SEGMENTS: Final = 4
Group = Literal["to_send", "skipped", "on_leave"]
GROUPS: Final[tuple[Group, ...]] = ("to_send", "skipped", "on_leave")
POST_CLASSES: Final = ("leader", "key", "ordinary")


@dataclass(frozen=True, slots=True)
class Audience:
    """Units by code, each with its sub-units, and post classes; an empty one means every one."""

    units: tuple[str, ...] = ()
    post_classes: tuple[str, ...] = ()

    def to_row(self) -> dict[str, list[str]]:
        """Return it as a row keeps it."""
        return {"units": sorted(set(self.units)), "post_classes": sorted(set(self.post_classes))}

    @classmethod
    def from_row(cls, kept: Any) -> "Audience":
        """Return what a row keeps."""
        return cls(tuple(kept.get("units", ())), tuple(kept.get("post_classes", ())))


@dataclass(frozen=True, slots=True)
class Reader:
    """One person of an audience. `reason` is why nothing goes to him (a Reason, or on_leave), None where it does."""

    person_id: int
    staff_no: str | None
    unit_id: int | None
    lang: str
    channel: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Saying:
    """The text of one language as it will be said, signed for SMS, its segments, and how many get it over each
    channel."""

    lang: str
    text: str
    segments: int
    sms: int
    telegram: int

    @property
    def too_long(self) -> bool:
        """Whether the text takes more segments than are allowed."""
        return self.segments > MOST_SEGMENTS


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run of a campaign would do today, as figures. Those on leave are in no other of them."""

    to_send: int
    skipped: int
    on_leave: int
    sayings: tuple[Saying, ...]

    @property
    def planned(self) -> int:
        """How many are in the audience: one row each."""
        return self.to_send + self.skipped

    def channel(self, name: str) -> int:
        """Return how many are written to over a channel."""
        return sum(saying.sms if name == SMS else saying.telegram for saying in self.sayings)

    @property
    def segments(self) -> int:
        """The segments of all SMS together."""
        return sum(saying.segments * saying.sms for saying in self.sayings)

    @property
    def too_long(self) -> tuple[Saying, ...]:
        """The texts that are too long to be sent."""
        return tuple(saying for saying in self.sayings if saying.too_long)


async def check_audience(audience: Audience) -> None:
    """Raise Refused for units or post classes that do not exist."""
    known = {unit.code for unit in (await load_tree()).by_id.values()}
    if unknown := sorted(set(audience.units) - known):
        raise Refused("campaign.no_unit", item=unknown[0])
    if unknown := sorted(set(audience.post_classes) - set(POST_CLASSES)):
        raise Refused("campaign.no_post_class", item=unknown[0])


async def scope_of(audience: Audience) -> Scope:
    """Return the audience as ids of units, sub-units included."""
    classes = audience.post_classes or None
    if not audience.units:
        return Scope(None, classes)
    tree = await load_tree()
    return Scope(tree.with_sub_units(tree.ids_of(audience.units)), classes)


async def preview(office: Office, campaign: Campaign) -> Preview:
    """Return how many would get the campaign today, how many would not, and what it costs."""
    texts = spoken_texts(office, campaign, await texts_of(campaign.id))
    scope = await scope_of(Audience.from_row(campaign.audience))
    over: Counter[tuple[str, str]] = Counter()
    held: Counter[str] = Counter()
    for row in await audience_queries.counted(scope, _asks_consent(campaign)):
        if row["reason"] is None:
            over[row["lang"], row["channel"]] += row["n"]
        else:
            held[row["reason"]] += row["n"]
    on_leave = held.pop(audience_queries.ON_LEAVE, 0)
    return Preview(over.total(), held.total(), on_leave, _sayings(texts, over))


def _asks_consent(campaign: Campaign) -> str | None:
    return campaign.category if needs_consent(campaign.category) else None


async def readers(campaign: Campaign, group: Group, offset: int, limit: int) -> list[Reader]:
    """Return a page of those who would get the campaign today, of those skipped, or of those on leave."""
    scope = await scope_of(Audience.from_row(campaign.audience))
    found = await audience_queries.page(scope, _asks_consent(campaign), group, offset, limit)
    return [Reader(**row) for row in found]


def _sayings(texts: Mapping[str, str], over: Mapping[tuple[str, str], int]) -> tuple[Saying, ...]:
    return tuple(
        Saying(lang, texts[lang], count(texts[lang]).segments, over[lang, SMS], over[lang, TELEGRAM])
        for lang in LANGUAGES
    )


async def texts_of(campaign_id: int) -> dict[str, str]:
    """Return the texts of a campaign by language, as they were written."""
    rows = await CampaignText.filter(campaign_id=campaign_id)
    return {row.lang: row.text for row in rows}


def spoken_texts(office: Office, campaign: Campaign, written: Mapping[str, str]) -> dict[str, str]:
    """Return what is said in each language, signed: a missing one falls back to the agency's own, and where an
    acknowledgement is wanted the text ends with how to give it."""
    own = written.get(office.locale) or next(iter(written.values()), "")
    spoken = {lang: (written[lang], lang) if lang in written else (own, office.locale) for lang in LANGUAGES}
    return {
        lang: sign(_with_hint(office, text, of) if campaign.ack else text, of, office.signature)
        for lang, (text, of) in spoken.items()
    }


_ASKS_FOR_ACK: Final = re.compile(r"[回答][复覆]?\s*[“\"]?(?:收到|1|已[阅閱])|\breply\s+(?:1|ok)\b", re.IGNORECASE)
"""A text that asks for the acknowledgement by itself; 收到 alone may mean a gift that was received."""


def _with_hint(office: Office, text: str, lang: str) -> str:
    if _ASKS_FOR_ACK.search(text):
        return text
    return f"{text}{' ' if lang == 'en' else ''}{office.texts.say('campaign.ack_hint', lang)}"


async def names(office: Office, shown: Sequence[Reader], lang: str) -> dict[int, str]:
    """Return the names of some readers by person id, for one page of them."""
    people = await Person.filter(id__in=[reader.person_id for reader in shown])
    return {person.id: name_of(office, person, lang) for person in people}


async def unit_names(lang: str) -> dict[int, str]:
    """Return the names of all units by id."""
    tree: UnitTree = await load_tree()
    return {unit.id: unit.name(lang) for unit in tree.by_id.values()}

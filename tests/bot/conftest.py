"""A small agency with a named cast, and phones that write to the real inbox and read the real outbox."""

import asyncio
import itertools
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog

import bot
import campaigns
import oversight
import people
import records
from bot.parts import Bot
from bot.recognition import Recognizer
from bot.step import step
from core.clock import HandClock
from core.crypto import ServiceKey
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar
from messaging import addresses, inbox
from messaging.channel import Arrival
from models.address import Address
from models.database import close_database, open_database
from models.inbound import Inbound, OpenQuestion
from models.lane import Lane
from models.org import Grant, Person, Unit
from models.outgoing import Message
from models.record import Record
from people import signing
from records import groups
from records.acts import do_act
from records.kind import Kinds
from records.loading import load_kinds
from tests.conftest import SIGNATURE, STORY_NOW, ZONE
from tests.keys import unlocked
from tests.postgres_server import Server

LIN_CODE = "4829"


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Without the pretty printer: it takes seconds for one exception."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts.load(people.TEXTS, records.TEXTS, campaigns.TEXTS, oversight.TEXTS, bot.TEXTS)


@dataclass(frozen=True)
class Said:
    """One message that we sent."""

    key: str
    text: str
    lang: str
    buttons: tuple[tuple[str, str], ...]
    edits: str | None
    press: str | None

    def button(self, label: str) -> str:
        """The data behind the button with this label."""
        return dict(self.buttons)[label]


@dataclass
class Phone:
    """A number or a chat: writes to us, reads what we said since it last looked."""

    world: "World"
    channel: str
    identity: str
    address_id: int
    seen: int = 0
    last: list[Said] = field(default_factory=list)
    shown: list[Said] = field(default_factory=list)

    async def sends(self, text: str | None, kind: str = "text", **more: Any) -> list[Said]:
        """Send something, let the bot answer it, and return what it said."""
        await self.leaves(text, kind, **more)
        await self.world.settle()
        return await self.reads()

    async def leaves(self, text: str | None, kind: str = "text", **more: Any) -> None:
        """Send something that nobody answers yet."""
        number = next(self.world.counter)
        lane = self.world.lanes[self.channel]
        arrival = Arrival(self.channel, f"id{number}", self.identity, kind, text, **more)  # type: ignore[arg-type]
        assert await inbox.receive(self.world.office, lane, arrival)

    async def presses(self, label: str) -> list[Said]:
        """Press a button of what was said last."""
        said = next(each for each in reversed(self.last) if label in dict(each.buttons))
        return await self.presses_data(said.button(label))

    async def presses_data(self, data: str) -> list[Said]:
        """Press a button with this data."""
        return await self.sends(data, "press", press_id=f"p{next(self.world.counter)}", about_provider_id="m7")

    async def reads(self) -> list[Said]:
        """Return what was said to it since it last read."""
        rows = await Message.filter(address_id=self.address_id, id__gt=self.seen).order_by("id")
        self.seen = rows[-1].id if rows else self.seen
        self.last = [self.world.said(row) for row in rows]
        return self.last

    async def inbound(self) -> Inbound:
        """Return the row of what it sent last."""
        row = await Inbound.filter(address_id=self.address_id).order_by("-id").first()
        assert row is not None
        return row

    async def dialogs(self) -> list[OpenQuestion]:
        """Return its open dialogs."""
        return await OpenQuestion.filter(address_id=self.address_id, kind="dialog", closed_at=None)


@dataclass
class World:
    """The agency, its lanes, its bot. `fresh` makes a new bot for every step, as after a restart."""

    office: Office
    bot: Bot
    lanes: dict[str, int]
    fresh: bool = False
    counter: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    async def settle(self) -> None:
        """Let the bot answer everything that waits."""
        if self.fresh:
            self.bot = Bot(self.bot.kinds, self.bot.words)
        while await step(self.office, self.bot):
            pass

    def said(self, row: Message) -> Said:
        """Open a message row."""
        assert row.body is not None
        shown = json.loads(row.buttons) if isinstance(row.buttons, str) else row.buttons or []
        buttons = tuple((button["label"], button["data"]) for line in shown for button in line)
        text = self.office.key.decrypt(row.body)
        return Said(row.text_key or "", text, row.lang, buttons, row.edits_provider_id, row.answers_press)

    async def phone(self, channel: str, identity: str, person: Person | None = None) -> Phone:
        """Return a phone; with a person it is his, verified."""
        address = await addresses.find_or_create(self.office, channel, identity)
        if person is not None:
            now = self.office.clock.now()
            await Address.filter(id=address.id).update(person_id=person.id, verified_at=now, lang=person.lang)
        return Phone(self, channel, identity, address.id)


@dataclass
class Cast:
    """Who plays. Lin and Ho are officers, Shi heads the integrity office; Wang drives a lorry, Lee reads English."""

    world: World
    lin: Person
    ho: Person
    staff: dict[str, Person]
    lin_sms: Phone
    lin_chat: Phone
    ho_sms: Phone
    wang: Phone
    lee: Phone

    async def does(self, who: str, act: str, **values: str) -> None:
        """Let somebody of the staff act on the only record."""
        actor = await unlocked(self.world.office, self.world.bot.kinds, self.staff[who].id)
        public_id = (await Record.get()).public_id
        await do_act(self.world.office, self.world.bot.kinds, actor, public_id, act, values)


@pytest.fixture(scope="session")
def kinds(texts: Texts, limits: Limits) -> Kinds:
    return load_kinds(texts, limits)


@pytest.fixture(scope="session")
def service_key() -> bytes:
    return os.urandom(32)


@pytest.fixture(scope="session")
def key(service_key: bytes) -> ServiceKey:
    return ServiceKey([service_key])


@pytest.fixture
def office(office: Office, key: ServiceKey) -> Office:
    return replace(office, key=key)


@pytest.fixture(scope="session")
def hirer(texts: Texts, limits: Limits, key: ServiceKey) -> Office:
    """The office on the day on which the cast was hired."""
    return Office(HandClock(STORY_NOW), key, texts, Calendar(), limits, ZONE, "zh-Hans", SIGNATURE, "http://127.0.0.1")


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, hirer: Office, kinds: Kinds) -> Path:
    path = tmp_path_factory.mktemp("house") / "house.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(hire(f"sqlite://{path}", hirer, kinds))
    return path


@pytest.fixture(scope="session")
def postgres_house(postgres: Server, postgres_template: str, hirer: Office, kinds: Kinds) -> Iterator[str]:
    """One database for all tests, with a copy of every table as it was when the cast was hired."""
    name = f"house_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_on(postgres.url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    asyncio.run(hire(postgres.database(name), hirer, kinds))
    asyncio.run(run_on(postgres.database(name), COPY_ALL))
    yield postgres.database(name)
    asyncio.run(run_on(postgres.url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which nothing has happened but that the cast was hired, once for each sort."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_house"), tmp_path / "test.db")
        return f"sqlite://{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgres_house")
    asyncio.run(run_on(url, RESTORE_ALL))
    return url


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
COPY_ALL = f"""
CREATE SCHEMA hired;
DO $$ DECLARE t text; BEGIN FOR t IN {TABLES} LOOP
EXECUTE format('CREATE TABLE hired.%I AS SELECT * FROM public.%I', t, t); END LOOP; END $$"""
RESTORE_ALL = f"""
SET session_replication_role = replica;
DO $$ DECLARE t text; BEGIN FOR t IN {TABLES} LOOP
EXECUTE format('DELETE FROM public.%I', t); EXECUTE format('INSERT INTO public.%I SELECT * FROM hired.%I', t, t);
END LOOP; END $$"""


async def run_on(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def hire(url: str, office: Office, kinds: Kinds) -> None:
    """Write the agency, its lanes and its people into an empty database."""
    await open_database(url, pool=2)
    try:
        await Lane.create(name="sms", channel="sms", rate=10.0)
        await Lane.create(name="telegram", channel="telegram", rate=10.0)
        await groups.ensure_groups(office, kinds)
        house = await Unit.create(code="U00", name_zh="星澜海关", name_en="Xinglan Customs District")
        port = await Unit.create(code="U10", name_zh="鹭鸣港海关", name_en="Luming Port Customs", parent=house)
        lin = await person(office, "9021022", port)
        await person(office, "9021033", port, "zh-Hant")
        await signing.set_code(office, lin.id, LIN_CODE)
        for staff_no, unit, role, scope in OFFICE:
            member = await person(office, staff_no, port if unit == "U10" else house)
            await Grant.create(person=member, role=role, scope=port if scope else None)
    finally:
        await close_database()


OFFICE = [
    ("9021004", "U00", "integrity_head", False),
    ("9021010", "U00", "clerk", False),
    ("9021026", "U10", "handler", False),
    ("9021020", "U10", "unit_head", True),
]


async def person(office: Office, staff_no: str, unit: Unit, lang: str = "zh-Hans") -> Person:
    """Hire somebody."""
    name = office.key.encrypt(f"name of {staff_no}")
    return await Person.create(staff_no=staff_no, name=name, unit=unit, lang=lang, post="examiner")


@pytest.fixture(scope="session")
def words() -> Recognizer:
    return Recognizer.load()


@pytest.fixture
async def cast(db: str, office: Office, kinds: Kinds, words: Recognizer) -> Cast:
    world = World(office, Bot(kinds, words), {lane.channel: lane.id for lane in await Lane.all()})
    people = {each.staff_no: each for each in await Person.all()}
    lin, ho = people["9021022"], people["9021033"]
    return Cast(
        world,
        lin,
        ho,
        {role: people[staff_no] for staff_no, _, role, _ in OFFICE},
        await world.phone("sms", "+8613800000022", lin),
        await world.phone("telegram", "900000022", lin),
        await world.phone("sms", "+8613800000033", ho),
        await world.phone("sms", "+8613900000006"),
        await world.phone("telegram", "555000111"),
    )


def keys(said: list[Said]) -> list[str]:
    """The text keys of what was said."""
    return [each.key for each in said]

"""A named cast for the tests of records: units, persons with roles, an outsider, and the two kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from core.clock import HandClock
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from messaging import addresses
from models import sql
from models.address import Address
from models.org import Grant, Person, Unit
from models.record import Record
from people.access import Actor, actor_of
from people.persons import hash_of_name
from records.acts import do_act
from records.filing import Filed, file
from records.groups import ensure_groups
from records.kind import Kinds
from records.loading import load_kinds
from records.opening import begin
from records.source import Source
from tests.conftest import SIGNATURE
from tests.keys import unlocked

UNITS = [
    ("U00", None, "星澜海关", "Xinglan Customs District"),
    ("U01", "U00", "办公室", "General Office"),
    ("U08", "U00", "纪检监察处", "Integrity Office"),
    ("U10", "U00", "鹭鸣港海关", "Luming Port Customs"),
    ("U10A", "U10", "查验一科", "Inspection Section 1"),
    ("U10C", "U10", "通关科（窗口）", "Clearance Section (counter)"),
    ("U12", "U00", "石桥口海关", "Shiqiaokou Customs"),
    ("U14", "U00", "云溪办事处", "Yunxi Office"),
    ("U16", "U01", "咨询投诉中心", "Inquiry and Complaint Centre"),
]
CAST: list[tuple[str, str, str, str, str, dict[str, list[str]]]] = [
    ("leader", "9021001", "晏清澜", "Yan Qinglan", "U00", {"leader": []}),
    ("area_leader", "9021002", "常怀远", "Chang Huaiyuan", "U00", {"area_leader": ["U10"]}),
    ("integrity_head", "9021004", "石敢言", "Shi Ganyan", "U08", {"integrity_head": []}),
    ("integrity", "9021005", "宁见微", "Ning Jianwei", "U08", {"integrity_officer": ["U01", "U10"]}),
    ("integrity_other", "9021006", "毕慎初", "Bi Shenchu", "U08", {"integrity_officer": ["U12"]}),
    ("clerk", "9021010", "林见鹿", "Lin Jianlu", "U16", {"clerk": []}),
    ("clerk_2", "9021011", "程一诺", "Cheng Yinuo", "U16", {"clerk": []}),
    ("sysadmin", "9021014", "江流石", "Jiang Liushi", "U01", {"sysadmin": []}),
    ("port_head", "9021020", "骆晴川", "Luo Qingchuan", "U10", {"unit_head": ["U10"]}),
    ("section_head", "9021021", "楚砚秋", "Chu Yanqiu", "U10A", {"officer": [], "unit_head": ["U10A"]}),
    ("officer", "9021022", "沐远航", "Mu Yuanhang", "U10A", {"officer": []}),
    ("officer_2", "9021023", "柏知秋", "Bai Zhiqiu", "U10A", {"officer": []}),
    ("handler", "9021026", "白芷言", "Bai Zhiyan", "U10C", {"officer": [], "handler": []}),
    ("counter_head", "9021027", "云起行", "Yun Qixing", "U10C", {"officer": [], "unit_head": ["U10C"]}),
    ("handler_2", "9021031", "田守正", "Tian Shouzheng", "U10C", {"handler": []}),
    ("other_head", "9021032", "鲁直言", "Lu Zhiyan", "U12", {"unit_head": ["U12"]}),
    ("other_officer", "9021033", "麦穗生", "Mai Suisheng", "U12", {"officer": []}),
    ("auditor", "9021008", "叶知远", "Ye Zhiyuan", "U08", {"auditor": [], "custodian": []}),
    ("yunxi", "9021040", "程知退", "Cheng Zhitui", "U14", {"officer": []}),
    ("liaison", "9021019", "舒慎行", "Shu Shenxing", "U01", {"risk_liaison": []}),
    ("custodian", "9021007", "康乐之", "Kang Lezhi", "U08", {"custodian": []}),
]
INTERCESSION = {
    "occurred_at": "2026-09-14",
    "asker_name": "周某",
    "asker_unit_post": "素舸货代经理",
    "manner": "2",
    "matter": "1",
    "request": "让先放两个柜明天补单",
    "response": "1",
}
GIFT = {
    "received_at": "2026-09-11",
    "giver_name": "许某",
    "giver_org": "折桂报关行",
    "kind": "1",
    "amount": "1000.00",
    "handling": "3",
    "description": "夹在单证袋里",
}


BULLETIN = {
    "kind": "intercession",
    "scope": "district",
    "naming": "none",
    "title": "关于一起不当说情的通报",
    "text": "近日有企业人员要求现场先放行后补单，登记人当场拒绝并如实登记。",
    "rule": "说情打招呼登记办法第三条",
    "decision": "对有关企业予以提醒。",
    "reminder": "遇有说情，当日登记。",
}


@dataclass
class House:
    """The cast, with what a test does again and again."""

    office: Office
    kinds: Kinds
    clock: HandClock
    persons: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    async def actor(self, name: str) -> Actor:
        """Somebody whose session is unlocked: he holds the keys that his roles entitle him to."""
        return await unlocked(self.office, self.kinds, self.persons[name].id)

    async def locked_actor(self, name: str) -> Actor:
        """Somebody who holds no key: the same person without his password."""
        return await actor_of(self.office, self.persons[name].id)

    def staff(self, name: str, channel: str = "telegram") -> Source:
        proof = "bound_account" if channel == "telegram" else "signing_code"
        person = self.persons[name].id
        return Source(self.numbers[name], person, channel, "zh-Hans", proof)  # type: ignore[arg-type]

    async def outsider(self, number: str = "+86100100000006", lang: str = "zh-Hans", channel: str = "sms") -> Source:
        address = await addresses.find_or_create(self.office, channel, number)
        return Source(address.id, None, channel, lang)

    async def complain(self, content: str = "窗口一直没人", source: Source | None = None, **more: str) -> Filed:
        source = source or await self.outsider()
        async with sql.transaction():
            return await file(self.office, self.kinds, "complaint", {"content": content, **more}, source)

    async def plead(self, by: str = "officer", channel: str = "telegram", **more: str) -> Filed:
        values: Mapping[str, str] = {**INTERCESSION, **more}
        async with sql.transaction():
            return await file(self.office, self.kinds, "intercession", values, self.staff(by, channel))

    async def gift(self, by: str = "officer", channel: str = "telegram", **more: str) -> Filed:
        values: Mapping[str, str] = {**GIFT, **more}
        async with sql.transaction():
            return await file(self.office, self.kinds, "gift", values, self.staff(by, channel))

    async def begin(self, kind: str, by: str = "integrity") -> Filed:
        """A record that the office begins at the console."""
        return await begin(self.office, self.kinds, await self.actor(by), kind, {}, "zh-Hans")

    async def do(self, by: str, filed: Filed, act: str, **values: str) -> str:
        """Let somebody do an act; return the state that it led to."""
        await do_act(self.office, self.kinds, await self.actor(by), filed.public_id, act, values)
        return (await self.record(filed)).state

    async def bulletin(self, **more: str) -> Filed:
        """A bulletin that was checked for names and waits for its approval."""
        filed = await self.begin("bulletin")
        assert await self.do("integrity", filed, "脱密检查", **{**BULLETIN, **more}) == "checked"
        return filed

    async def approved_bulletin(self, **more: str) -> Filed:
        filed = await self.bulletin(**more)
        assert await self.do("leader", filed, "批准") == "checked"
        assert await self.do("integrity_head", filed, "批准") == "approved"
        return filed

    async def transfer(self) -> Filed:
        return await self.begin("transfer")

    async def record(self, filed: Filed) -> Record:
        return await Record.get(id=filed.record_id)

    def at(self, moment: str) -> None:
        self.clock.move_to(datetime.fromisoformat(moment + "+08:00"))


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits.load()


@pytest.fixture(scope="session")
def kinds(texts: Texts, limits: Limits) -> Kinds:
    return load_kinds(texts, limits, signature=SIGNATURE)


@pytest.fixture
async def house(db: str, office: Office, kinds: Kinds, clock: HandClock) -> House:
    """The house at work: units, persons with verified addresses, grants, key groups."""
    made = House(office, kinds, clock)
    async with sql.transaction():
        await _fill(made)
    await ensure_groups(office, kinds)
    return made


async def _fill(made: House) -> None:
    """Insert everything in a handful of statements; ids of units and persons are given, tests make no more of them."""
    seal, office = made.office.key.encrypt, made.office
    ids = {code: place for place, (code, *_) in enumerate(UNITS, 1)}
    made.units = {
        code: Unit(id=ids[code], code=code, parent_id=ids.get(parent or ""), name_zh=name, name_en=english)
        for code, parent, name, english in UNITS
    }
    made.persons = {
        key: Person(
            id=place,
            staff_no=staff_no,
            name=seal(name),
            name_en=seal(english),
            name_hash=hash_of_name(office, name),
            unit_id=ids[unit],
            post="关员",
            preferred_channel="telegram",
        )
        for place, (key, staff_no, name, english, unit, _) in enumerate(CAST, 1)
    }
    await Unit.bulk_create(made.units.values())
    await Person.bulk_create(made.persons.values())
    await Grant.bulk_create(_grants(made, ids))
    await Address.bulk_create(_addresses(made))
    for address in await Address.filter(channel="telegram"):
        key = next(key for key, person in made.persons.items() if person.id == address.person_id)
        made.numbers[key] = address.id


def _grants(made: House, ids: dict[str, int]) -> list[Grant]:
    return [
        Grant(person_id=made.persons[key].id, role=role, scope_id=ids.get(scope))
        for key, *_, roles in CAST
        for role, scopes in roles.items()
        for scope in scopes or [""]
    ]


def _addresses(made: House) -> list[Address]:
    identities = [
        (person.id, channel, f"{start}{person.id:04}")
        for person in made.persons.values()
        for channel, start in (("telegram", "90000"), ("sms", "+8610000000"))
    ]
    return [
        Address(
            channel=channel,
            identity=made.office.key.encrypt(identity),
            identity_hash=addresses.identity_hash(made.office, channel, identity),
            person_id=person_id,
            created_at=made.clock.now(),
            verified_at=made.clock.now(),
        )
        for person_id, channel, identity in identities
    ]

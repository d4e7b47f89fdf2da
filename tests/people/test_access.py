"""Roles, their reach, and what each may do."""

from pathlib import Path

import pytest

from core.errors import InvalidData, NotAllowed, NotThere
from core.office import Office
from models.org import Person, Unit
from people.access import able_to, actor_of, check_may, holders, may
from people.persons import find_by_staff_no
from people.roles import Roles, roles
from tests.people.sample import actor, load_sample

MAY = {
    "campaign.write": {"editor"},
    "campaign.approve": {"approver"},
    "campaign.view": {"editor", "approver"},
    "campaign.results": {"editor", "approver"},
    "people.view": {"sysadmin"},
    "people.import": {"sysadmin"},
    "account.manage": {"sysadmin"},
    "queue.view": {"sysadmin"},
    "lane.manage": {"sysadmin"},
    "message.resend": {"sysadmin", "approver"},
    "inbox.view": {"clerk"},
    "ledger.view": {"auditor"},
}


@pytest.mark.parametrize("act", sorted(MAY))
def test_only_these_roles_may(act: str) -> None:
    assert {role.id for role in roles().by_id.values() if act in role.may} == MAY[act]


def test_machine_and_cases_are_apart() -> None:
    known = roles().by_id
    assert "records.view" not in known["sysadmin"].may
    assert not {"inbox.view", "queue.view", "people.view"} & known["unit_head"].may


BAD = [
    ("roles: []", "needs a list of acts"),
    (
        "acts: [{id: a, zh: x, hant: x, en: x}]\nroles: [{id: r, zh: x, hant: x, en: x, reach: house, may: [b]}]",
        "line 2",
    ),
    ("acts: [{id: a, zh: x, hant: x, en: x}]\nroles: [{id: r, zh: x, en: x, reach: house, may: [a]}]", "title"),
    ("acts: [{id: a, zh: x, hant: x, en: x}]\nroles: [{id: r, zh: x, hant: x, en: x, reach: far, may: []}]", "reach"),
    ("acts: [{id: a, zh: x, hant: x, en: x}, {id: a, zh: x, hant: x, en: x}]\nroles: [{id: r}]", "twice"),
    (
        "acts: [{id: a, zh: x, hant: x, en: x}]\nroles: [{id: r, zh: x, hant: x, en: x, reach: own, may: [], god: 1}]",
        "god",
    ),
]


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_bad_roles_are_refused_with_their_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidData, match=r"roles\.yaml, line \d") as refused:
        Roles.load(path)
    assert reason in str(refused.value)


async def test_reach(db: str, office: Office) -> None:
    await load_sample(office)
    ids = {unit.code: unit.id for unit in await Unit.all()}
    head = await actor(office, 9021020)
    assert head.reaches("unit_head", ids["U10A"])
    assert not head.reaches("unit_head", ids["U11"])
    assert not head.reaches("clerk", ids["U10A"])
    assert not head.reaches("unit_head", None)
    both = await actor(office, 9021009)
    assert both.roles["clerk"] is None
    assert both.roles["unit_head"] == frozenset({ids["U16"]})
    officer = await actor(office, 9021022)
    assert officer.roles == {"officer": frozenset()}
    assert not officer.reaches("officer", ids["U10A"])


async def test_holders_by_unit(db: str, office: Office) -> None:
    await load_sample(office)
    ids = {unit.code: unit.id for unit in await Unit.all()}

    async def numbers(role: str, unit: str | None) -> list[str]:
        found = await holders(role, ids[unit] if unit else None)
        return [str(person.staff_no) for person in await Person.filter(id__in=found).order_by("staff_no")]

    assert await numbers("integrity_officer", "U10A") == ["9021005"]
    assert await numbers("integrity_officer", "U13A") == ["9021006"]
    assert await numbers("integrity_officer", "U08") == []
    assert await numbers("integrity_head", "U08") == ["9021004"]
    assert await numbers("unit_head", "U10A") == ["9021020", "9021021"]
    assert await numbers("clerk", None) == ["9021009", "9021010", "9021011"]


async def test_nobody_and_who_left(db: str, office: Office) -> None:
    await load_sample(office)
    editor = await actor(office, 9021012)
    assert may(editor, "campaign.write")
    with pytest.raises(NotAllowed):
        check_may(editor, "campaign.approve")
    with pytest.raises(KeyError):
        may(editor, "campaign.fly")
    person = await find_by_staff_no("9021012")
    assert person is not None
    await Person.filter(id=person.id).update(status="left")
    with pytest.raises(NotThere):
        await actor_of(office, person.id)
    assert await find_by_staff_no("9021012") is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_able_to_do_an_act(db: str, office: Office) -> None:
    await load_sample(office)
    both = {*await holders("sysadmin"), *await holders("approver")}
    assert await able_to("message.resend") == sorted(both)
    assert await able_to("lane.manage") == await holders("sysadmin")

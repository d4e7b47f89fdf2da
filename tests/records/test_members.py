"""The keys of groups: taken over, handed on, taken away, lost with a reset, opened again by the recovery key."""

import asyncio
import json
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from core.crypto import new_pair
from core.errors import KeyFileError, NotAllowed, Refused
from core.halves import joined, read_half, split
from models import sql
from models.ledger import LedgerDetail, LedgerEntry
from models.org import Account, Grant, Person
from models.record import GroupMember, KeyGroup, RecoveryKey
from people import accounts, passwords, sessions
from people.access import Actor, actor_of
from people.accounts import Entered
from records import members, two_persons
from records.acts import do_act
from records.course import Course
from records.filing import Filed
from records.groups import group_private_key
from records.members import admit, arrive, drop_unentitled, make_recovery, recover, remove, standings
from records.reading import open_record
from tests.records.conftest import House

OLD, NEW = "rain over the harbour", "snow over the harbour"
CENTRE, INTEGRITY = "complaint_centre", "integrity_office"
SLIP = {"custody_no": "B-17", "receipt_no": "R-3"}


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same functions with little work, so that the tests are short."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_KEY", passwords._KEY | {"time_cost": 1, "memory_cost": 8, "parallelism": 1})


async def hire(house: House, *names: str) -> None:
    for name in names:
        await accounts.create_account(house.office, house.persons[name].id, name, OLD)


async def enter(house: House, name: str, password: str = OLD) -> tuple[Actor, Entered]:
    """Sign in as the console does it."""
    entered = await accounts.sign_in(house.office, name, password)
    actor = await actor_of(house.office, entered.account.person_id, entered.key)
    await arrive(house.office, house.kinds, actor)
    return actor, entered


async def can_read(house: House, actor: Actor, filed: Filed) -> bool:
    """Whether what was said can be read, not only that it was."""
    opened = await open_record(house.office, house.kinds, actor, filed.public_id)
    assert opened.locked == (not opened.statements)
    return not opened.locked and any("窗口" in value for value in opened.values.values() if isinstance(value, str))


async def account(name: str) -> Account:
    return await Account.get(login=name)


async def test_who_is_entitled_follows_from_the_kinds(house: House) -> None:
    assert members.entitled_roles(house.kinds, CENTRE) == {
        "clerk",
        "handler",
        "unit_head",
        "integrity_officer",
        "integrity_head",
    }
    assert members.keeper_roles(house.kinds, CENTRE) == {"clerk", "integrity_head"}
    assert "integrity_head" in members.keeper_roles(house.kinds, INTEGRITY)
    assert not {"custodian", "leader"} & members.keeper_roles(house.kinds, INTEGRITY)
    assert {"custodian", "leader"} <= members.entitled_roles(house.kinds, INTEGRITY)
    assert not {"unit_head", "clerk", "sysadmin"} & members.entitled_roles(house.kinds, INTEGRITY)


async def test_the_first_who_reads_the_whole_register_takes_its_key_over(house: House) -> None:
    filed = await house.complain("窗口一直没人")
    await hire(house, "handler", "clerk", "clerk_2")
    handler, _ = await enter(house, "handler")
    assert set(await members.without_holder()) == set(house.kinds.groups())
    assert (await KeyGroup.get(name=CENTRE)).private_key
    clerk, _ = await enter(house, "clerk")
    assert await can_read(house, clerk, filed)
    assert not (await KeyGroup.get(name=CENTRE)).private_key
    assert set(await members.without_holder()) == set(house.kinds.groups()) - {CENTRE}
    second, _ = await enter(house, "clerk_2")
    assert not await can_read(house, second, filed)
    with pytest.raises(Refused, match="locked"):
        await group_private_key(house.office, await KeyGroup.get(name=CENTRE), handler)
    with pytest.raises(Refused, match="locked"):
        await group_private_key(house.office, await KeyGroup.get(name=CENTRE), None)


async def test_the_service_reads_nothing_even_before_the_key_is_taken_over(house: House) -> None:
    filed = await house.complain()
    with pytest.raises(Refused, match="locked"):
        await group_private_key(house.office, await KeyGroup.get(name=CENTRE), None)
    assert not await can_read(house, await house.locked_actor("clerk"), filed)


async def test_a_member_admits_and_removes(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk", "clerk_2", "officer")
    clerk, _ = await enter(house, "clerk")
    (standing,) = await standings(house.kinds, clerk)
    assert (standing.group, standing.mine) == (CENTRE, True)
    assert [row["login"] for row in standing.members] == ["clerk"]
    assert [row["login"] for row in standing.waiting] == ["clerk_2"]
    second, other = await enter(house, "clerk_2")
    with pytest.raises(Refused, match="locked"):
        await admit(house.office, house.kinds, second, CENTRE, other.account.id)
    with pytest.raises(NotAllowed, match="not_entitled"):
        await admit(house.office, house.kinds, clerk, CENTRE, (await account("officer")).id)
    assert await admit(house.office, house.kinds, clerk, CENTRE, other.account.id)
    assert not await admit(house.office, house.kinds, clerk, CENTRE, other.account.id)
    assert await can_read(house, second, filed)
    await remove(house.office, clerk, CENTRE, other.account.id)
    assert not await can_read(house, second, filed)
    with pytest.raises(Refused, match="last_holder"):
        await remove(house.office, clerk, CENTRE, clerk.key.account_id if clerk.key else 0)
    assert await can_read(house, clerk, filed)


async def test_a_changed_password_keeps_the_key_and_a_reset_loses_it(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk", "clerk_2")
    clerk, entered = await enter(house, "clerk")
    await accounts.change_password(house.office, entered, NEW)
    with pytest.raises(Refused, match="sign_in_failed"):
        await enter(house, "clerk", OLD)
    clerk, entered = await enter(house, "clerk", NEW)
    assert await can_read(house, clerk, filed)
    with pytest.raises(Refused, match="last_holder"):
        await accounts.set_password(house.office, entered.account.id, OLD)
    clerk, _ = await enter(house, "clerk", NEW)
    await admit(house.office, house.kinds, clerk, CENTRE, (await account("clerk_2")).id)
    assert await accounts.set_password(house.office, entered.account.id, OLD) == 1
    clerk, entered = await enter(house, "clerk", OLD)
    assert not await can_read(house, clerk, filed)
    second, _ = await enter(house, "clerk_2")
    await admit(house.office, house.kinds, second, CENTRE, entered.account.id)
    assert await can_read(house, clerk, filed)


async def test_a_reset_that_loses_everything_has_to_be_meant(house: House) -> None:
    await hire(house, "clerk")
    _, entered = await enter(house, "clerk")
    assert await accounts.set_password(house.office, entered.account.id, NEW, even_if_lost=True) == 1
    assert CENTRE in await members.without_holder()
    assert not (await KeyGroup.get(name=CENTRE)).private_key


async def test_with_the_role_the_key_goes_but_never_the_last_one(house: House) -> None:
    await hire(house, "clerk", "clerk_2")
    clerk, _ = await enter(house, "clerk")
    await admit(house.office, house.kinds, clerk, CENTRE, (await account("clerk_2")).id)
    assert await drop_unentitled(house.office, house.kinds) == 0
    await Grant.filter(person_id=house.persons["clerk_2"].id).delete()
    await Person.filter(id=house.persons["clerk"].id).update(status="left")
    assert await drop_unentitled(house.office, house.kinds) == 1
    assert await drop_unentitled(house.office, house.kinds) == 0
    assert await GroupMember.all().count() == 1


async def test_an_account_of_an_earlier_version_gets_its_pair_when_it_signs_in(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk", "clerk_2")
    await Account.all().update(public_key=None, private_key=None)
    clerk, _ = await enter(house, "clerk")
    assert await can_read(house, clerk, filed)
    with pytest.raises(Refused, match="no_pair"):
        await admit(house.office, house.kinds, clerk, CENTRE, (await account("clerk_2")).id)
    await enter(house, "clerk_2")
    assert await admit(house.office, house.kinds, clerk, CENTRE, (await account("clerk_2")).id)


async def test_a_session_opens_the_key_in_any_process_and_only_with_its_cookie(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk")
    _, entered = await enter(house, "clerk")
    token = await sessions.open_session(house.office, entered.account.id, entered.key)
    elsewhere = replace(house.office)  # all that another process shares is the row and the cookie
    found = await sessions.find_session(elsewhere, token)
    assert found
    assert found.key
    actor = await actor_of(elsewhere, found.person_id, found.key)
    assert await can_read(house, actor, filed)
    row = await sql.row("SELECT private_key FROM console_session")
    assert row
    with pytest.raises(KeyFileError):
        house.office.key.decrypt_bytes(bytes(row["private_key"]))
    await sessions.revoke(house.office, token)
    assert await sql.value("SELECT COUNT(*) FROM console_session WHERE private_key IS NOT NULL") == 0


async def test_a_session_without_a_key_reads_facts_only(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk")
    _, entered = await enter(house, "clerk")
    token = await sessions.open_session(house.office, entered.account.id)
    found = await sessions.find_session(house.office, token)
    assert found
    opened = await open_record(
        house.office, house.kinds, await actor_of(house.office, found.person_id, found.key), filed.public_id
    )
    assert opened.locked
    assert "received_at" in opened.values
    assert "content" not in opened.values
    assert opened.acts == ()


async def test_nothing_of_a_key_is_shown(house: House) -> None:
    await hire(house, "clerk")
    clerk, entered = await enter(house, "clerk")
    private = entered.key.private
    for shown in (repr(clerk), repr(entered), str(entered.key)):
        assert repr(private)[2:-1] not in shown
        assert private.hex() not in shown


async def test_changes_are_in_the_ledger_without_names(house: House) -> None:
    await hire(house, "clerk", "clerk_2")
    clerk, _ = await enter(house, "clerk")
    other = await account("clerk_2")
    await admit(house.office, house.kinds, clerk, CENTRE, other.id)
    await remove(house.office, clerk, CENTRE, other.id)
    assert await LedgerEntry.all().order_by("seq").values_list("event", flat=True) == [
        "key_taken_over",
        "key_admitted",
        "key_removed",
    ]
    details = [json.loads(one.detail or "") for one in await LedgerDetail.all()]
    assert all(set(one) == {"group", "member", "record"} and len(one["member"]) == 64 for one in details)


async def test_the_recovery_key_opens_a_group_by_both_halves(house: House) -> None:
    filed = await house.complain()
    await hire(house, "clerk", "clerk_2")
    _, entered = await enter(house, "clerk")
    public, private = new_pair()
    assert set(await make_recovery(house.office, public)) == set(house.kinds.groups()) - {CENTRE}
    one, other = split(private, public)
    whole = joined(read_half(other.printed()), read_half(one.printed()), public)
    await accounts.set_password(house.office, (await account("clerk_2")).id, NEW)
    second, _ = await enter(house, "clerk_2", NEW)
    with pytest.raises(Refused, match="not_recoverable"):
        await recover(house.office, house.kinds, CENTRE, await _with_person("clerk_2"), whole)
    await enter(house, "clerk")
    await accounts.set_password(house.office, entered.account.id, NEW)
    assert await GroupMember.all().count() == 0
    await recover(house.office, house.kinds, CENTRE, await _with_person("clerk_2"), whole)
    assert await can_read(house, second, filed)
    with pytest.raises(Refused, match="other_recovery"):
        await recover(house.office, house.kinds, CENTRE, await _with_person("clerk"), new_pair()[1])
    with pytest.raises(NotAllowed):
        await recover(house.office, house.kinds, INTEGRITY, await _with_person("clerk"), whole)
    assert await RecoveryKey.all().count() == 1


async def _with_person(login: str) -> Account:
    return await Account.get(login=login).prefetch_related("person")


async def test_what_waits_for_a_second_person_is_sealed_also_that_of_earlier_versions(house: House) -> None:
    filed = await house.gift()
    custodian, auditor = await house.actor("custodian"), await house.actor("auditor")
    await do_act(house.office, house.kinds, custodian, filed.public_id, "接收", SLIP)
    record = await house.record(filed)
    waits = Course.of(record).pending["接收"]
    with pytest.raises(KeyFileError):
        house.office.key.decrypt_bytes(bytes.fromhex(waits["sealed"]))
    old = {name: waits[name] for name in ("by", "role", "at")}
    content = json.dumps({"values": SLIP, "staff_no": "9021007"})
    course = Course.of(record)
    course.pending = {"接收": {**old, "given": house.office.key.encrypt(content).hex()}}
    course.keep(record)
    await record.save()
    assert await two_persons.seal_what_waits(house.office) == 1
    assert await two_persons.seal_what_waits(house.office) == 0
    with pytest.raises(Refused, match="locked"):
        await do_act(house.office, house.kinds, await house.locked_actor("auditor"), filed.public_id, "接收", {})
    await do_act(house.office, house.kinds, auditor, filed.public_id, "接收", {})
    assert (await house.record(filed)).facts["custody_no"] == "B-17"


async def test_two_who_are_removed_at_once_do_not_both_go(house: House) -> None:
    await hire(house, "clerk", "clerk_2")
    clerk, _ = await enter(house, "clerk")
    await admit(house.office, house.kinds, clerk, CENTRE, (await account("clerk_2")).id)
    second, _ = await enter(house, "clerk_2")
    assert clerk.key
    assert second.key
    done = await asyncio.gather(
        remove(house.office, clerk, CENTRE, second.key.account_id),
        remove(house.office, second, CENTRE, clerk.key.account_id),
        return_exceptions=True,
    )
    assert await GroupMember.filter(group__name=CENTRE).count() == 1
    assert [str(each) for each in done if each is not None] in (["keys.last_holder"], ["records.locked"])

"""Signing in: passwords, lock-out, sessions."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from core.clock import HandClock
from core.errors import Conflict, Refused
from core.office import Office
from models.org import Account, ConsoleSession, Person
from people import accounts, passwords, sessions

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function with little work, so that the tests are short."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_KEY", passwords._KEY | {"time_cost": 1, "memory_cost": 8, "parallelism": 1})


async def _account(office: Office, login: str = "gys") -> Account:
    person = await Person.create(kind="staff", name=office.key.encrypt("谷雨生"))
    return await accounts.create_account(office, person.id, login, PASSWORD)


@pytest.mark.parametrize(
    ("login", "password", "key"),
    [
        ("gys", "short", "account.password_short"),
        ("gys", "123456789", "account.password_short"),
        ("guyusheng2026", "GuYuSheng2026", "account.password_easy"),
        ("gys", "1234567890", "account.password_easy"),
        ("gys", "aaaaaaaaaaaa", "account.password_easy"),
        ("gys", "x" * 201, "account.password_long"),
        ("gys", PASSWORD, None),
        ("gys", "一二三四五六七八九十", None),
    ],
)
def test_passwords(login: str, password: str, key: str | None) -> None:
    if key is None:
        passwords.check_password(login, password)
        return
    with pytest.raises(Refused) as refused:
        passwords.check_password(login, password)
    assert refused.value.key == key


async def test_sign_in(db: str, office: Office) -> None:
    account = await _account(office)
    assert (await accounts.sign_in(office, " GYS ", PASSWORD)).account.id == account.id
    assert PASSWORD not in account.password_hash
    with pytest.raises(Conflict):
        await accounts.create_account(office, account.person_id, "other", PASSWORD)


async def _refused(office: Office, login: str, password: str) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refused) as refused:
        await accounts.sign_in(office, login, password)
    return refused.value.key, refused.value.values


async def test_five_wrong_tries_lock_without_a_word(db: str, office: Office, clock: HandClock) -> None:
    account = await _account(office)
    said = [await _refused(office, "gys", f"wrong {n}") for n in range(5)]
    said.append(await _refused(office, "gys", PASSWORD))
    said.append(await _refused(office, "nobody", PASSWORD))
    assert len({str(one) for one in said}) == 1
    clock.advance(timedelta(minutes=14))
    await _refused(office, "gys", PASSWORD)
    clock.advance(timedelta(minutes=2))
    await accounts.sign_in(office, "gys", PASSWORD)
    assert (await Account.get(id=account.id)).failed == 0


async def test_a_right_password_forgives(db: str, office: Office) -> None:
    await _account(office)
    for _ in range(3):
        for _ in range(4):
            await _refused(office, "gys", "wrong")
        assert (await accounts.sign_in(office, "gys", PASSWORD)).account.login == "gys"


async def test_new_password_unlocks_and_ends_sessions(db: str, office: Office) -> None:
    account = await _account(office)
    token = await sessions.open_session(office, account.id)
    for _ in range(5):
        await _refused(office, "gys", "wrong")
    await accounts.set_password(office, account.id, "another good one")
    assert await sessions.find_session(office, token) is None
    await _refused(office, "gys", PASSWORD)
    await accounts.sign_in(office, "gys", "another good one")


async def test_disabled_and_left(db: str, office: Office) -> None:
    account = await _account(office)
    token = await sessions.open_session(office, account.id)
    await accounts.disable_account(office, account.id)
    await _refused(office, "gys", PASSWORD)
    assert await sessions.find_session(office, token) is None
    await accounts.enable_account(account.id)
    token = await sessions.open_session(office, account.id)
    await Person.filter(id=account.person_id).update(status="left")
    await _refused(office, "gys", PASSWORD)
    assert await sessions.find_session(office, token) is None


async def test_sessions_slide_and_end(db: str, office: Office, clock: HandClock) -> None:
    account = await _account(office)
    token = await sessions.open_session(office, account.id)
    row = await ConsoleSession.get(account_id=account.id)
    assert token not in row.token_hash
    for _ in range(3):
        clock.advance(timedelta(hours=7))
        assert await sessions.find_session(office, token) is not None
    clock.advance(timedelta(hours=2, minutes=59))
    assert await sessions.find_session(office, token) is not None
    clock.advance(timedelta(minutes=2))
    assert await sessions.find_session(office, token) is None
    idle = await sessions.open_session(office, account.id)
    clock.advance(timedelta(hours=8))
    assert await sessions.find_session(office, idle) is None


async def test_revoking_one_and_all(db: str, office: Office) -> None:
    account = await _account(office)
    one, two, three = [await sessions.open_session(office, account.id) for _ in range(3)]
    await sessions.revoke(office, one)
    assert await sessions.find_session(office, one) is None
    assert await sessions.find_session(office, two) is not None
    assert await sessions.revoke_all(office, account.id) == 2
    assert await sessions.find_session(office, three) is None
    assert await sessions.find_session(office, "forged") is None


async def test_form_tokens_belong_to_a_session(db: str, office: Office) -> None:
    account = await _account(office)
    one, two = [await sessions.open_session(office, account.id) for _ in range(2)]
    found = await sessions.find_session(office, one)
    assert found is not None
    assert sessions.csrf_fits(office, one, found.csrf)
    assert not sessions.csrf_fits(office, two, found.csrf)
    assert not sessions.csrf_fits(office, one, "é")

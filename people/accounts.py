"""Accounts: a person's right to use the console. Signing in answers wrong, unknown, locked and disabled alike."""

from datetime import timedelta
from typing import Final

import structlog

from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import people_queries, sql
from models.org import Account, ConsoleSession, Person
from people.passwords import check_password, hash_password, matches

TRIES: Final = 5
LOCK: Final = timedelta(minutes=15)
LOGIN_MOST: Final = 64

log = structlog.get_logger()


async def create_account(office: Office, person_id: int, login: str, password: str) -> Account:
    """Give a person an account. Raises Refused for a bad login or password, Conflict where one exists already."""
    login = login.strip().casefold()
    if not login or len(login) > LOGIN_MOST or not login.isprintable() or " " in login:
        raise Refused("account.bad_login")
    check_password(login, password)
    password_hash = await hash_password(password)
    async with sql.transaction():
        if not await Person.exists(id=person_id):
            raise NotThere
        if await Account.exists(login=login) or await Account.exists(person_id=person_id):
            raise Conflict("account.exists")
        account = await Account.create(
            person_id=person_id, login=login, password_hash=password_hash, created_at=office.clock.now()
        )
    log.info("account created", account_id=account.id, person_id=person_id)
    return account


async def set_password(office: Office, account_id: int, password: str) -> None:
    """Give an account a new password; unlocks it and ends every session. Raises Refused, NotThere."""
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotThere
    check_password(account.login, password)
    password_hash = await hash_password(password)
    async with sql.transaction():
        await Account.filter(id=account_id).update(password_hash=password_hash, failed=0, locked_until=None)
        await _end_sessions(office, account_id)
    log.info("password set", account_id=account_id)


async def disable_account(office: Office, account_id: int) -> None:
    """Take the right away and end every session. Raises NotThere."""
    async with sql.transaction():
        if not await Account.filter(id=account_id).update(disabled_at=office.clock.now()):
            raise NotThere
        await _end_sessions(office, account_id)
    log.info("account disabled", account_id=account_id)


async def enable_account(account_id: int) -> None:
    """Give the right back and unlock it. Raises NotThere."""
    if not await Account.filter(id=account_id).update(disabled_at=None, failed=0, locked_until=None):
        raise NotThere
    log.info("account enabled", account_id=account_id)


async def sign_in(office: Office, login: str, password: str) -> Account:
    """Return the account of a login and its password.

    Raises Refused("account.sign_in_failed") for every reason alike: five wrong tries lock an account for 15 minutes,
    and
    neither the answer nor its time tells whether the login exists.
    """
    account = await Account.get_or_none(login=login.strip().casefold()[:LOGIN_MOST]).prefetch_related("person")
    now = office.clock.now()
    open_to_tries = account is not None and await people_queries.count_try(account.id, now, now + LOCK, TRIES)
    usable = account is not None and open_to_tries and account.disabled_at is None and account.person.status != "left"
    fits = await matches(account.password_hash if account and usable else None, password)
    if account is None or not fits:
        log.info("sign-in refused", account_id=account.id if account else None)
        raise Refused("account.sign_in_failed", n=int(LOCK.total_seconds() // 60))
    await Account.filter(id=account.id).update(failed=0, locked_until=None)
    log.info("signed in", account_id=account.id)
    return account


async def _end_sessions(office: Office, account_id: int) -> None:
    open_sessions = ConsoleSession.filter(account_id=account_id, revoked_at__isnull=True)
    await open_sessions.update(revoked_at=office.clock.now())

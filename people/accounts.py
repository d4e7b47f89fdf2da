"""Accounts: a person's right to use the console. Signing in answers wrong, unknown, locked and disabled alike.

Each account has a key pair whose private half its password alone opens. Whoever changes his own password keeps it; a
password set by somebody else comes with a new pair, and the account is out of every key group until it is admitted
again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import people_queries, sql
from models.org import Account, Person
from people.account_keys import AccountKey, new_key, opened_by, wrapped_by
from people.key_members import lose_all
from people.passwords import check_password, hash_password, matches
from people.sessions import revoke_all

TRIES: Final = 5
LOCK: Final = timedelta(minutes=15)
LOGIN_MOST: Final = 64

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who signed in: his account, and its key that his password opened."""

    account: Account
    key: AccountKey


async def create_account(office: Office, person_id: int, login: str, password: str) -> Account:
    """Give a person an account. Raises Refused for a bad login or password, Conflict where one exists already."""
    login = login.strip().casefold()
    if not login or len(login) > LOGIN_MOST or not login.isprintable() or " " in login:
        raise Refused("account.bad_login")
    check_password(login, password)
    password_hash, pair = await hash_password(password), await new_key(password)
    async with sql.transaction():
        if not await Person.exists(id=person_id):
            raise NotThere
        if await Account.exists(login=login) or await Account.exists(person_id=person_id):
            raise Conflict("account.exists")
        account = await Account.create(
            person_id=person_id,
            login=login,
            password_hash=password_hash,
            public_key=pair.public,
            private_key=pair.wrapped,
            created_at=office.clock.now(),
        )
    log.info("account created", account_id=account.id, person_id=person_id)
    return account


async def set_password(office: Office, account_id: int, password: str, *, even_if_lost: bool = False) -> int:
    """Give an account a new password that another person chose; unlocks it and ends every session.

    The old password alone opened the account's key: a new pair is made, and the account holds no group's key any more.
    Return how many it held. Raises Refused for a bad password, and where nobody else holds such a key (unless that is
    meant); NotThere.
    """
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotThere
    check_password(account.login, password)
    password_hash, pair = await hash_password(password), await new_key(password)
    async with sql.transaction():
        lost = await lose_all(office, account, even_if_lost=even_if_lost)
        await _keep(office, account_id, password_hash, pair.wrapped, public_key=pair.public)
    log.info("password set", account_id=account_id)
    return lost


async def change_password(office: Office, entered: Entered, password: str) -> None:
    """Change the own password: the key stays and is wrapped anew; ends every session. Raises Refused."""
    account = entered.account
    check_password(account.login, password)
    password_hash, wrapped = await hash_password(password), await wrapped_by(password, entered.key.private)
    async with sql.transaction():
        await _keep(office, account.id, password_hash, wrapped)
    log.info("password changed", account_id=account.id)


async def _keep(office: Office, account_id: int, password_hash: str, wrapped: bytes, **more: bytes) -> None:
    await Account.filter(id=account_id).update(
        password_hash=password_hash, private_key=wrapped, failed=0, locked_until=None, **more
    )
    await revoke_all(office, account_id)


async def disable_account(office: Office, account_id: int) -> None:
    """Take the right away and end every session. Raises NotThere."""
    async with sql.transaction():
        if not await Account.filter(id=account_id).update(disabled_at=office.clock.now()):
            raise NotThere
        await revoke_all(office, account_id)
    log.info("account disabled", account_id=account_id)


async def enable_account(account_id: int) -> None:
    """Give the right back and unlock it. Raises NotThere."""
    if not await Account.filter(id=account_id).update(disabled_at=None, failed=0, locked_until=None):
        raise NotThere
    log.info("account enabled", account_id=account_id)


async def sign_in(office: Office, login: str, password: str) -> Entered:
    """Return the account of a login and its password, with its key; one that has no pair yet gets it now.

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
    return Entered(account, AccountKey(account.id, await _private_key(account, password)))


async def _private_key(account: Account, password: str) -> bytes:
    if account.private_key is not None:
        return await opened_by(password, bytes(account.private_key))
    pair = await new_key(password)
    made = await Account.filter(id=account.id, private_key__isnull=True).update(
        public_key=pair.public, private_key=pair.wrapped
    )
    if made:
        return pair.private
    await account.refresh_from_db()  # another sign-in of the same moment was first
    return await opened_by(password, bytes(account.private_key or b""))

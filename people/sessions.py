"""Sessions of the console: the cookie holds 32 random bytes, the row their SHA-256, so that each can be revoked."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from core.office import Office
from models.org import ConsoleSession
from people.account_keys import AccountKey, kept_for_session, opened_in_session

SLIDING: Final = timedelta(hours=8)
ABSOLUTE: Final = timedelta(hours=24)
_TOUCH: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A valid session: whose it is, the token that every form of it must carry, the key that its cookie opened."""

    session_id: int
    account_id: int
    person_id: int
    csrf: str
    key: AccountKey | None = field(default=None, repr=False)


async def open_session(office: Office, account_id: int, key: AccountKey | None = None) -> str:
    """Start a session after a sign-in; return the token for the cookie. A new one at each sign-in: none is taken
    over. With the account's key the session opens what is sealed to it, from the row and the cookie together."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), office.clock.now()
    await ConsoleSession.create(
        token_hash=_hash(token),
        account_id=account_id,
        created_at=now,
        seen_at=now,
        expires_at=now + SLIDING,
        private_key=kept_for_session(key, token) if key is not None else None,
    )
    return token


async def find_session(office: Office, token: str) -> SignedIn | None:
    """Return the session of a cookie and keep it alive; None when it is unknown, revoked or expired.

    It expires 8 hours after it was last seen, and 24 hours after it began whatever happens.
    """
    now = office.clock.now()
    row = await ConsoleSession.get_or_none(token_hash=_hash(token)).prefetch_related("account__person")
    if row is None or row.revoked_at is not None or row.expires_at <= now or row.account.disabled_at is not None:
        return None
    if row.account.person.status == "left":
        return None
    if now - row.seen_at >= _TOUCH:
        ends = min(now + SLIDING, row.created_at + ABSOLUTE)
        await ConsoleSession.filter(id=row.id).update(seen_at=now, expires_at=ends)
    key = opened_in_session(row.account_id, row.private_key, token)
    return SignedIn(row.id, row.account_id, row.account.person_id, csrf_of(office, token), key)


async def revoke(office: Office, token: str) -> None:
    """End one session, as at signing out. An unknown token is no error."""
    open_one = ConsoleSession.filter(token_hash=_hash(token), revoked_at__isnull=True)
    await open_one.update(revoked_at=office.clock.now(), private_key=None)


async def revoke_all(office: Office, account_id: int) -> int:
    """End every session of an account; return how many were open."""
    return await ConsoleSession.filter(account_id=account_id, revoked_at__isnull=True).update(
        revoked_at=office.clock.now(), private_key=None
    )


def csrf_of(office: Office, token: str) -> str:
    """Return the token that forms of a session carry: keyed, so that the cookie cannot be told from a page."""
    return hmac.new(office.key.secret_for("csrf"), token.encode(), hashlib.sha256).hexdigest()


def csrf_fits(office: Office, token: str, given: str) -> bool:
    """Return whether a form carries the token of this session."""
    return hmac.compare_digest(csrf_of(office, token).encode(), given.encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

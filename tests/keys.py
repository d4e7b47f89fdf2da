"""Persons whose session is unlocked, made without a password: a hash costs more than all that a test does with it.

The rows are those that signing in, taking over and admitting write (tests/records/test_members.py plays those).
"""

from core.crypto import new_pair, seal_to
from core.office import Office
from models.org import Account
from models.record import GroupMember, KeyGroup
from people.access import Actor, actor_of
from people.account_keys import AccountKey
from records.kind import Kinds
from records.members import entitled_groups

_GROUPS: dict[bytes, bytes] = {}
_ACCOUNTS: dict[bytes, bytes] = {}
"""Private keys by their public ones: what passwords would open."""


async def account_with_key(office: Office, person_id: int) -> tuple[Account, AccountKey]:
    """The account of a person with its key; one is made where he has none."""
    account = await Account.get_or_none(person_id=person_id)
    if account is None:
        given = {"login": f"t{person_id}", "password_hash": "-", "created_at": office.clock.now()}
        account = await Account.create(person_id=person_id, **given)
    if account.public_key is None:
        public, private = new_pair()
        _ACCOUNTS[public] = private
        account.public_key, account.private_key = public, b"-"
        await account.save()
    return account, AccountKey(account.id, _ACCOUNTS[bytes(account.public_key)])


async def unlocked(office: Office, kinds: Kinds, person_id: int) -> Actor:
    """A person whose session is unlocked and who holds every key that his roles entitle him to."""
    account, key = await account_with_key(office, person_id)
    actor = await actor_of(office, person_id, key)
    held = await GroupMember.filter(account_id=account.id).values_list("group_id", flat=True)
    for group in await KeyGroup.filter(name__in=entitled_groups(kinds, list(actor.roles))):
        private = await _private(office, group)
        if group.id not in held:
            sealed = seal_to(bytes(account.public_key or b""), private).joined()
            given = {"sealed_key": sealed, "added_at": office.clock.now()}
            await GroupMember.create(group_id=group.id, account_id=account.id, **given)
    return actor


async def _private(office: Office, group: KeyGroup) -> bytes:
    public = bytes(group.public_key)
    if group.private_key:
        _GROUPS[public] = office.key.decrypt_bytes(group.private_key)
        await KeyGroup.filter(id=group.id).update(private_key=b"")
    return _GROUPS[public]

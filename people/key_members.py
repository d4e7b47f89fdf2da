"""The accounts that hold the private key of a group: each has it sealed to its own public key.

What stands here opens and writes rows; who is entitled to a group follows from the kinds (`records.members`). Each
change is an entry in the ledger, of pseudonyms.
"""

import structlog

from core.crypto import Sealed, seal_to, unseal
from core.errors import Refused
from core.office import Office
from models import ledger_append, member_queries
from models.org import Account
from models.record import GroupMember, KeyGroup
from people.access import Actor
from people.account_keys import AccountKey
from people.persons import pseudonym

log = structlog.get_logger()


async def group_key(group_id: int, key: AccountKey) -> bytes | None:
    """Return the private key of a group, opened by an account's; None where the account is no member."""
    member = await GroupMember.get_or_none(group_id=group_id, account_id=key.account_id)
    return unseal(key.private, Sealed.of(member.sealed_key)) if member is not None else None


async def add_member(
    office: Office, group: KeyGroup, account: Account, private: bytes, event: str, by: Actor | None
) -> bool:
    """Give an account the key of a group, in the caller's transaction; False where it holds it already.

    Raises Refused for an account that has no key pair yet: whoever it belongs to has to sign in first.
    """
    if account.public_key is None:
        raise Refused("keys.no_pair")
    if await GroupMember.exists(group_id=group.id, account_id=account.id):
        return False
    await GroupMember.create(
        group_id=group.id,
        account_id=account.id,
        sealed_key=seal_to(bytes(account.public_key), private).joined(),
        added_at=office.clock.now(),
        added_by_id=by.key.account_id if by is not None and by.key is not None else None,
    )
    await _enter(office, event, group.name, account, by)
    return True


async def remove_member(office: Office, group: KeyGroup, account: Account, by: Actor | None) -> bool:
    """Take the key of a group from an account, in the caller's transaction; False where it held none.

    Raises Refused where nobody else holds it, and no recovery key either: what is sealed would be lost for ever.
    """
    if group.name in await member_queries.held_alone(account.id):
        raise Refused("keys.last_holder")
    if not await GroupMember.filter(group_id=group.id, account_id=account.id).delete():
        return False
    await _enter(office, "key_removed", group.name, account, by)
    return True


async def lose_all(office: Office, account: Account, *, even_if_lost: bool) -> int:
    """Take every group's key from an account whose pair is made anew, in the caller's transaction; return how many.

    Raises Refused where what is sealed would be lost for ever by it, unless that is meant.
    """
    if not even_if_lost and await member_queries.held_alone(account.id):
        raise Refused("keys.last_holder")
    members = await GroupMember.filter(account_id=account.id).prefetch_related("group")
    for member in members:
        await GroupMember.filter(id=member.id).delete()
        await _enter(office, "key_lost", member.group.name, account, None)
    return len(members)


async def _enter(office: Office, event: str, group: str, account: Account, by: Actor | None) -> None:
    mark = pseudonym(office, by.person_id) if by is not None else "system"
    detail = {"group": group, "member": pseudonym(office, account.person_id)}
    await ledger_append.append(None, event, mark, detail, office.clock.now())
    log.info("key group changed", event_name=event, group=group, account_id=account.id)

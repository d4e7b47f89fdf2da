"""Who holds the key of a group: entitled by his role, taken over by the first, then admitted by one who holds it.

| step | who | what happens |
|---|---|---|
| a group is made | the service | its private key lies wrapped by the service key, and nothing is read with it |
| taken over | the first to sign in whose role reads the whole house | he holds it, the service's copy is destroyed |
| admitted | an entitled account, by any who holds the key | he holds it too |
| removed | by any who holds it, or with the role | the row goes; what he copied before stays with him |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.crypto import Sealed, public_of, seal_to, unseal
from core.errors import NotAllowed, NotThere, Refused
from core.office import Office
from models import cleaning, ledger_append, member_queries, sql
from models.org import Account, Grant
from models.record import GroupMember, KeyGroup, RecoveryKey
from people.access import Actor
from people.key_members import add_member, group_key, remove_member
from records.groups import group_private_key
from records.kind import Kind, Kinds, Reader
from records.reach import may_see

_NAMED = {"identity_mode": "named"}


def entitled_roles(kinds: Kinds, group: str) -> frozenset[str]:
    """Return the roles that read something sealed of a group's kinds, or do an act of two persons on them.

    What a view shows from values in flight takes no key.
    """
    found: set[str] = set()
    for kind in _of(kinds, group):
        found |= {rule.role for rule in kind.readers if _reads_sealed(kinds, kind, rule)}
        flying = {name for rule in kind.flights for name in rule.fields}
        found |= {view.role for view in kind.views if any(not kind.fields[name].fact for name in view.sees - flying)}
        found |= {role for move in kind.moves if move.two_persons for role in (*move.by, *move.two_persons)}
    return frozenset(found)


def keeper_roles(kinds: Kinds, group: str) -> frozenset[str]:
    """Return the entitled roles that read the whole house: only they take a key over. Where none is, all of them."""
    entitled = entitled_roles(kinds, group)
    house = {rule.role for kind in _of(kinds, group) for rule in kind.readers if rule.reach == "house"}
    return entitled & house or entitled


def _of(kinds: Kinds, group: str) -> list[Kind]:
    return [kind for kind in kinds.by_id.values() if kind.group == group]


def _reads_sealed(kinds: Kinds, kind: Kind, rule: Reader) -> bool:
    return any(not field.fact and may_see(kinds, field, (rule,), _NAMED) for field in kind.fields.values())


def entitled_groups(kinds: Kinds, roles: Sequence[str]) -> list[str]:
    """Return the groups to which somebody with these roles is entitled."""
    return [name for name in kinds.groups() if entitled_roles(kinds, name) & set(roles)]


async def arrive(office: Office, kinds: Kinds, actor: Actor) -> list[str]:
    """Do what a sign-in brings about: take over the keys that nobody holds yet, seal held ones to the recovery key.

    Return the groups taken over.
    """
    if actor.key is None:
        return []
    taken = []
    for group in await KeyGroup.filter(name__in=entitled_groups(kinds, list(actor.roles))):
        if group.private_key and keeper_roles(kinds, group.name) & set(actor.roles):
            taken += [group.name] if await _take_over(office, group, actor) else []
        await _seal_to_recovery(group, actor)
    if taken:
        await cleaning.drop_old_keys()
    return taken


async def _take_over(office: Office, group: KeyGroup, actor: Actor) -> bool:
    """Move the private key from the service to its first member; the service's copy is gone with the commit."""
    assert actor.key is not None
    async with sql.transaction():
        wrapped = await member_queries.take_service_copy(group.id)
        if wrapped is None:
            return False
        private, account = office.key.decrypt_bytes(wrapped), await Account.get(id=actor.key.account_id)
        await KeyGroup.filter(id=group.id).update(private_key=b"")
        return await add_member(office, group, account, private, "key_taken_over", actor)


async def _seal_to_recovery(group: KeyGroup, actor: Actor) -> None:
    """A recovery key that was made after the key was taken over opens the group from the next sign-in on."""
    recovery = await RecoveryKey.all().order_by("-id").first()
    if recovery is None or group.recovery_key is not None or actor.key is None:
        return
    private = await group_key(group.id, actor.key)
    if private is not None:
        sealed = seal_to(bytes(recovery.public_key), private).joined()
        await KeyGroup.filter(id=group.id, recovery_key=None).update(recovery_key=sealed)


@dataclass(frozen=True, slots=True)
class Standing:
    """One group as the page of keys shows it: those who hold its key, those who are entitled to it and wait.

    `mine` says whether the actor holds it. The rows are those of `member_queries.candidates`.
    """

    group: str
    members: tuple[dict[str, Any], ...]
    waiting: tuple[dict[str, Any], ...]
    mine: bool
    recoverable: bool


async def standings(kinds: Kinds, actor: Actor) -> list[Standing]:
    """Return the groups to which the actor is entitled, each with its members and those who wait."""
    names = entitled_groups(kinds, list(actor.roles))
    roles = {name: entitled_roles(kinds, name) for name in names}
    rows = await member_queries.candidates(sorted(frozenset().union(*roles.values()))) if names else []
    grants = await _roles_of([row["person_id"] for row in rows])
    groups = await KeyGroup.filter(name__in=names).order_by("name").prefetch_related("members")
    return [_standing(group, rows, grants, roles[group.name], actor) for group in groups]


def _standing(
    group: KeyGroup, rows: list[dict[str, Any]], grants: dict[int, set[str]], roles: frozenset[str], actor: Actor
) -> Standing:
    holders = {member.account_id for member in group.members}
    waiting = [
        row
        for row in rows
        if row["id"] not in holders
        and row["disabled_at"] is None
        and row["status"] != "left"
        and grants.get(row["person_id"], set()) & roles
    ]
    members = tuple(row for row in rows if row["id"] in holders)
    mine = actor.key is not None and actor.key.account_id in holders
    return Standing(group.name, members, tuple(waiting), mine, group.recovery_key is not None)


async def admit(office: Office, kinds: Kinds, actor: Actor, group_name: str, account_id: int) -> bool:
    """Give an entitled account the key that the actor holds; False where it holds it already.

    Raises Refused where the actor does not hold it or the account has no pair yet, NotThere, NotAllowed.
    """
    group, account = await _group(group_name), await _account(account_id)
    private = await group_private_key(office, group, actor)
    await check_entitled(kinds, group_name, account)
    async with sql.transaction():
        return await add_member(office, group, account, private, "key_admitted", actor)


async def check_entitled(kinds: Kinds, group_name: str, account: Account) -> None:
    """Raise NotAllowed unless a role of the account's person, who is here, reads what the group handles."""
    held = await Grant.filter(person_id=account.person_id).values_list("role", flat=True)
    if account.disabled_at is not None or account.person.status == "left":
        raise NotAllowed("keys.not_entitled")
    if group_name not in entitled_groups(kinds, [str(role) for role in held]):
        raise NotAllowed("keys.not_entitled")


async def remove(office: Office, actor: Actor, group_name: str, account_id: int) -> None:
    """Take the key from an account; whoever takes it holds it himself. Raises Refused for the last, NotThere."""
    group, account = await _group(group_name), await _account(account_id)
    await group_private_key(office, group, actor)
    async with sql.transaction():
        if not await remove_member(office, group, account, actor):
            raise NotThere


async def drop_unentitled(office: Office, kinds: Kinds) -> int:
    """Take keys from accounts whose roles give them no more right to them; return how many were taken.

    The last who holds a key keeps it until another is admitted: without a role he reads nothing with it.
    """
    found = await GroupMember.all().order_by("id").prefetch_related("group", "account__person")
    held = await _roles_of([member.account.person_id for member in found])
    entitled = {name: entitled_roles(kinds, name) for name in {member.group.name for member in found}}
    over = [
        member
        for member in found
        if member.account.person.status == "left"
        or not held.get(member.account.person_id, set()) & entitled[member.group.name]
    ]
    return sum([await _drop(office, member) for member in over])


async def _drop(office: Office, member: GroupMember) -> bool:
    try:
        async with sql.transaction():
            return await remove_member(office, member.group, member.account, None)
    except Refused:
        return False


async def _roles_of(person_ids: Sequence[int]) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    for person_id, role in await Grant.filter(person_id__in=list(person_ids)).values_list("person_id", "role"):
        held.setdefault(person_id, set()).add(role)
    return held


async def without_holder() -> list[str]:
    """Return the groups whose key nobody holds yet."""
    return [row["name"] for row in await member_queries.standing() if not row["members"]]


async def make_recovery(office: Office, public: bytes) -> list[str]:
    """Keep the public half of a new recovery key; return the groups that it opens at once.

    It opens those that nobody holds yet; each other one from the next sign-in of somebody who holds it.
    """
    at_once = []
    async with sql.transaction():
        await RecoveryKey.create(public_key=public, made_at=office.clock.now())
        await KeyGroup.all().update(recovery_key=None)
        for group in await KeyGroup.all():
            wrapped = await member_queries.take_service_copy(group.id)
            if wrapped is None:
                continue
            sealed = seal_to(public, office.key.decrypt_bytes(wrapped)).joined()
            await KeyGroup.filter(id=group.id).update(recovery_key=sealed)
            at_once.append(group.name)
        await ledger_append.append(None, "recovery_key_made", "system", {"opens": at_once}, office.clock.now())
    return at_once


async def recover(office: Office, kinds: Kinds, group_name: str, account: Account, private: bytes) -> None:
    """Give an entitled account a group's key by the recovery key. Raises Refused, NotThere, NotAllowed."""
    group, recovery = await _group(group_name), await RecoveryKey.all().order_by("-id").first()
    if recovery is None or bytes(recovery.public_key) != public_of(private):
        raise Refused("keys.other_recovery")
    if group.recovery_key is None:
        raise Refused("keys.not_recoverable")
    await check_entitled(kinds, group_name, account)
    opened = unseal(private, Sealed.of(bytes(group.recovery_key)))
    async with sql.transaction():
        if await member_queries.take_service_copy(group.id) is not None:
            await KeyGroup.filter(id=group.id).update(private_key=b"")
        if not await add_member(office, group, account, opened, "key_recovered", None):
            raise Refused("keys.member_already")


async def _group(name: str) -> KeyGroup:
    group = await KeyGroup.get_or_none(name=name)
    if group is None:
        raise NotThere
    return group


async def _account(account_id: int) -> Account:
    account = await Account.get_or_none(id=account_id).prefetch_related("person")
    if account is None:
        raise NotThere
    return account

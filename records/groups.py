"""Key groups: whoever files needs the public key only, whoever reads needs the private one (`records.members`)."""

from tortoise.exceptions import IntegrityError

from core.crypto import new_pair
from core.errors import Refused
from core.office import Office
from models import sql
from models.record import KeyGroup
from people.access import Actor
from people.key_members import group_key
from records.kind import Kinds


async def ensure_groups(office: Office, kinds: Kinds) -> None:
    """Make the key group of every kind that has none yet. Safe to call at every start, by several processes.

    Until somebody takes the private key over it lies wrapped by the service key, and nothing is read with it.
    """
    for name in kinds.groups():
        if not await KeyGroup.exists(name=name):
            await _create(office, name)


async def _create(office: Office, name: str) -> None:
    public, private = new_pair()
    wrapped = office.key.encrypt(private)
    try:
        async with sql.transaction():
            await KeyGroup.create(name=name, public_key=public, private_key=wrapped, created_at=office.clock.now())
    except IntegrityError:
        return  # another process was first


async def group_private_key(office: Office, group: KeyGroup, actor: Actor | None) -> bytes:
    """Return the private key of a group for a reader who was already found entitled to it.

    The only place that opens a group's key: by the key of the actor's account, which his session opened. Raises Refused
    where he does not hold it; the service itself (None) never does.
    """
    private = await group_key(group.id, actor.key) if actor is not None and actor.key is not None else None
    if private is None:
        raise Refused("records.locked")
    return private


async def key_or_none(office: Office, group_id: int, actor: Actor) -> bytes | None:
    """Return the private key of a group, None where the actor does not hold it and so sees facts only."""
    try:
        return await group_private_key(office, await KeyGroup.get(id=group_id), actor)
    except Refused:
        return None

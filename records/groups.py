"""Key groups: whoever files needs the public key only, whoever reads needs the private one."""

from tortoise.exceptions import IntegrityError

from core.crypto import new_group_pair
from core.office import Office
from models import sql
from models.record import KeyGroup
from people.access import Actor
from records.kind import Kinds


async def ensure_groups(office: Office, kinds: Kinds) -> None:
    """Make the key group of every kind that has none yet. Safe to call at every start, by several processes."""
    for name in kinds.groups():
        if not await KeyGroup.exists(name=name):
            await _create(office, name)


async def _create(office: Office, name: str) -> None:
    public, private = new_group_pair()
    wrapped = office.key.encrypt(private)
    try:
        async with sql.transaction():
            await KeyGroup.create(name=name, public_key=public, private_key=wrapped, created_at=office.clock.now())
    except IntegrityError:
        return  # another process was first


async def group_private_key(office: Office, group: KeyGroup, actor: Actor | None) -> bytes:
    """Return the private key of a group for a reader who was already found entitled to it.

    The only place that opens a group's key. For now the service key wraps it, whoever asks; `actor` is who will have to
    open it. None is the system, which sends an answer that was written to be sent.
    """
    return office.key.decrypt_bytes(group.private_key)

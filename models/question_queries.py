"""Named queries of the bot: the stack of open questions of an address, and dialogs that nobody answers."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.expressions import Q

from models import sql
from models.address import Address
from models.inbound import Inbound, OpenQuestion

STACK_DEPTH = 50
REMINDED = "remind:"


async def open_stack(address_id: int, now: datetime) -> list[OpenQuestion]:
    """Return what is open for an address and has not expired, the question last sent first."""
    found = (
        await OpenQuestion.filter(address_id=address_id, closed_at=None).order_by("-asked_at", "-id").limit(STACK_DEPTH)
    )
    return [each for each in found if each.expires_at is None or each.expires_at > now]


async def settle(question_id: int, outcome: str, now: datetime) -> bool:
    """Close an open question and erase what was in it; return False when it was closed already."""
    changed = await OpenQuestion.filter(id=question_id, closed_at=None).update(
        closed_at=now, outcome=outcome, payload=None
    )
    return bool(changed)


async def replace(address_id: int, kinds: Sequence[str], now: datetime) -> None:
    """Close the open questions of these kinds of an address, because another one takes their place."""
    await OpenQuestion.filter(address_id=address_id, kind__in=list(kinds), closed_at=None).update(
        closed_at=now, outcome="replaced", payload=None
    )


async def replace_about(address_id: int, kind: str, topic: str, ref_id: int, now: datetime) -> None:
    """Close the open question of an address about one thing, because the same is asked again."""
    about = OpenQuestion.filter(address_id=address_id, kind=kind, topic=topic, ref_id=ref_id, closed_at=None)
    await about.update(closed_at=now, outcome="replaced", payload=None)


async def put_about(
    address_id: int,
    person_id: int | None,
    kind: str,
    ref_id: int,
    topic: str,
    message_key: str,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    """Put a question about a record on top of the stack of an address, once: one that is open is asked again."""
    again = OpenQuestion.filter(address_id=address_id, kind=kind, ref_id=ref_id, closed_at=None)
    if await again.update(asked_at=now, expires_at=expires_at, message_key=message_key, payload=None):
        return
    await OpenQuestion.create(
        address_id=address_id,
        person_id=person_id,
        kind=kind,
        ref_id=ref_id,
        topic=topic,
        message_key=message_key,
        asked_at=now,
        expires_at=expires_at,
    )


async def came_since(address_id: int, since: datetime) -> int:
    """Return how many things an address sent since a moment."""
    return await Inbound.filter(address_id=address_id, received_at__gte=since).count()


async def unreminded_dialogs(idle_since: datetime, limit: int) -> list[OpenQuestion]:
    """Return dialogs whose last message is older than a moment and whose address was not reminded, oldest first."""
    return (
        await OpenQuestion.filter(kind="dialog", closed_at=None, asked_at__lte=idle_since)
        .filter(Q(message_key=None) | ~Q(message_key__startswith=REMINDED))
        .order_by("asked_at", "id")
        .limit(limit)
        .prefetch_related("address")
    )


async def overdue(now: datetime, limit: int) -> list[OpenQuestion]:
    """Return open questions whose time is up, oldest first; acknowledgements are the business of campaigns."""
    return (
        await OpenQuestion.filter(closed_at=None, expires_at__lte=now)
        .exclude(kind="ack")
        .order_by("expires_at", "id")
        .limit(limit)
        .prefetch_related("address")
    )


async def said_under(prefix: str) -> int:
    """Return how many messages have a dedupe key that begins so."""
    return int(await sql.value("SELECT count(*) AS n FROM message WHERE dedupe_key LIKE $1", prefix + "%"))


async def mark_reminded(question_id: int, message_key: str) -> None:
    """Note that somebody was reminded of a question."""
    await OpenQuestion.filter(id=question_id, closed_at=None).update(message_key=message_key)


async def rename(question_id: int, kind: str) -> None:
    """Make an open question one of another kind."""
    await OpenQuestion.filter(id=question_id, closed_at=None).update(kind=kind)


async def speaks(address_id: int, lang: str) -> None:
    """Note the language in which an address writes."""
    await Address.filter(id=address_id).update(lang=lang)

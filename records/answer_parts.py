"""A long answer over SMS: at most four segments at a time, cut at a sentence, continued on MORE."""

from datetime import timedelta
from typing import Final

from core.office import Office
from core.segments import cut
from core.texts import sign
from messaging.outbox import NewMessage, enqueue
from models.address import Address
from models.inbound import OpenQuestion

MOST_PARTS: Final = 4
MORE_WAITS: Final = timedelta(days=30)
"""How long the rest of an answer can be asked for; then it is erased."""
MORE: Final = "more"
"""The kind of the open question that holds what is still to be said."""


def split(office: Office, text: str, lang: str) -> tuple[str, str]:
    """Return (what is said now, the rest). The hint that more follows is part of what is said now."""
    hint = office.texts.say("dialog.more", lang)
    now, rest = cut(text, MOST_PARTS, before=office.signature.get(lang, ""), more=hint)
    return (now + hint, rest) if rest else (now, "")


async def leave_rest(
    office: Office, address_id: int, person_id: int | None, record_id: int, rest: str, lang: str
) -> None:
    """Keep the rest of an answer, encrypted, until it is asked for."""
    await OpenQuestion.create(
        address_id=address_id,
        person_id=person_id,
        kind=MORE,
        ref_id=record_id,
        topic=lang,
        payload=office.key.encrypt(rest),
        asked_at=office.clock.now(),
        expires_at=office.clock.now() + MORE_WAITS,
    )


async def say_more(office: Office, address_id: int) -> bool:
    """Enqueue the next part of the answer last cut for an address; False where nothing is left. In a transaction."""
    question = (
        await OpenQuestion.filter(address_id=address_id, kind=MORE, closed_at__isnull=True).order_by("-id").first()
    )
    if question is None or question.payload is None:
        return False
    lang, address = question.topic, await Address.get(id=address_id)
    now, rest = split(office, office.key.decrypt(question.payload), lang)
    question.closed_at, question.outcome, question.payload = office.clock.now(), "answered", None
    await question.save()
    if rest:
        await leave_rest(office, address_id, question.person_id, question.ref_id or 0, rest, lang)
    text = sign(now, lang, office.signature)
    key = f"more:{question.id}"
    said = NewMessage(key, address.channel, address_id, "reply", lang, text, question.person_id, fleeting=True)
    await enqueue(office, said)
    return True

"""What oversight says to staff: neutral notices, and the question whether something issued was read.

A reader answers 收到 or 1 to the notice that asks him last; that is an open question of the kind `read`, whose topic
says what he reads (a report, a bulletin).
"""

from typing import Final

from core.office import Office
from core.texts import sign
from messaging.channel import SMS
from messaging.outbox import NewMessage, enqueue
from models import question_queries, record_queries
from models.inbound import OpenQuestion

READ: Final = "read"
REPORT: Final = "report"
NOTICE: Final = "T-REPORT-ISSUED"
REMINDER: Final = "T-REPORT-REMIND"


async def tell(office: Office, person_id: int, key: str, dedupe_key: str, **values: object) -> tuple[int, str] | None:
    """Say a text of the catalogue to a person where he is best reached, in the caller's transaction.

    Return his address and the message's key; None where he cannot be reached, or was told before.
    """
    address = await record_queries.best_address(person_id)
    if address is None:
        return None
    lang, channel = str(address["lang"]), str(address["channel"])
    text = office.texts.say(key, lang, **values)
    said = await enqueue(
        office,
        NewMessage(
            dedupe_key=dedupe_key,
            channel=channel,
            address_id=int(address["id"]),
            person_id=person_id,
            category=office.texts.get(key).category,
            lang=lang,
            text=sign(text, lang, office.signature) if channel == SMS else text,
            text_key=key,
        ),
    )
    return (int(address["id"]), dedupe_key) if said else None


async def ask_to_read(office: Office, issued_id: int, person_id: int, key: str, topic: str = REPORT) -> None:
    """Tell a reader, and leave the question that he answers; a second notice puts the same question on top again."""
    told = await tell(office, person_id, key, f"{topic}:{issued_id}:{key}:{person_id}")
    if told is None:
        return
    address_id, message_key = told
    now = office.clock.now()
    await question_queries.replace_about(address_id, READ, topic, issued_id, now)
    await OpenQuestion.create(
        address_id=address_id,
        person_id=person_id,
        kind=READ,
        ref_id=issued_id,
        topic=topic,
        message_key=message_key,
        asked_at=now,
    )

"""The stack of open questions of an address: what we wait for, the question last sent on top.

The payload of a question (the place in a dialog and its answers) is stored encrypted; here it is a plain mapping.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from core.office import Office
from models import question_queries
from models.inbound import OpenQuestion
from records.answer_parts import MORE

ANSWERED: Final = "answered"
DROPPED: Final = "dropped"
EXPIRED: Final = "expired"
REPLACED: Final = "replaced"


@dataclass(frozen=True)
class Question:
    """One open question. `ref_id` is the run or record it is about, `topic` which of its kind it is."""

    id: int
    kind: str
    ref_id: int | None
    topic: str
    asked_at: datetime
    message_key: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


async def stack(office: Office, address_id: int) -> list[Question]:
    """Return the open questions of an address, the one last sent first."""
    rows = await question_queries.open_stack(address_id, office.clock.now())
    return [read(office, row) for row in rows]


def read(office: Office, row: OpenQuestion) -> Question:
    """Return a row with its payload opened; the rest of a long answer stays with records."""
    opened = row.payload is not None and row.kind != MORE
    payload = json.loads(office.key.decrypt(row.payload)) if opened and row.payload is not None else {}
    return Question(row.id, row.kind, row.ref_id, row.topic, row.asked_at, row.message_key, payload)


async def ask(
    office: Office,
    address_id: int,
    kind: str,
    *,
    person_id: int | None = None,
    ref_id: int | None = None,
    topic: str = "",
    payload: Mapping[str, Any] | None = None,
    lasts: timedelta | None = None,
    message_key: str | None = None,
) -> int:
    """Put a question on top of the stack, in place of an open one of the same kind; return its id."""
    now = office.clock.now()
    await question_queries.replace(address_id, [kind], now)
    row = await OpenQuestion.create(
        address_id=address_id,
        person_id=person_id,
        kind=kind,
        ref_id=ref_id,
        topic=topic,
        payload=sealed(office, payload),
        message_key=message_key,
        asked_at=now,
        expires_at=now + lasts if lasts else None,
    )
    return int(row.id)


async def ask_again(
    office: Office, question_id: int, payload: Mapping[str, Any], *, lasts: timedelta | None, ref_id: int | None = None
) -> None:
    """Bring a question to the top of its stack with a new payload."""
    now = office.clock.now()
    await OpenQuestion.filter(id=question_id, closed_at=None).update(
        payload=sealed(office, payload),
        asked_at=now,
        expires_at=now + lasts if lasts else None,
        ref_id=ref_id,
        message_key=None,
    )


async def close(office: Office, question_id: int, outcome: str) -> bool:
    """Close a question; return False when it was closed already."""
    return await question_queries.settle(question_id, outcome, office.clock.now())


def sealed(office: Office, payload: Mapping[str, Any] | None) -> bytes | None:
    """Return a payload as it is stored."""
    return office.key.encrypt(json.dumps(payload, ensure_ascii=False)) if payload is not None else None

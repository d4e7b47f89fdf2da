"""The question of a return: one open question for each month and address, with its answers on buttons in chat."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from core.months import Month
from core.office import Office
from messaging.channel import Button
from models import question_queries
from models.record import Record
from records.kind import Field

QUESTION: Final = "return"
"""The kind of the open question; it is about the record of the return."""
PRESS: Final = "return:"
"""How the data of its buttons begins: `return:<record>:<field>:<value>`."""


def choice_buttons(field: Field, record_id: int, lang: str) -> list[list[Button]]:
    """Return one button for each answer to a question of a return."""
    choices = (field.choices or {}).values()
    return [[Button(each.titles[lang], f"{PRESS}{record_id}:{field.id}:{each.key}")] for each in choices]


def month_of(period: str, lang: str) -> str:
    """Return a month as it stands in a text: 9, September."""
    month = Month.parse(period)
    return f"{month.first:%B}" if lang == "en" else str(month.number)


async def put_question(
    office: Office, record: Record, address_id: int, person_id: int | None, message_key: str, until: dt.datetime | None
) -> None:
    """Leave the question open for an address, on top of its stack; the same one asked again is no second one."""
    await question_queries.put_about(
        address_id, person_id, QUESTION, record.id, record.kind, message_key, office.clock.now(), until
    )


def read_data(data: str) -> tuple[int, str, str] | None:
    """Return (record, field, value) of a pressed button, None when it is none of a return."""
    parts: Sequence[str] = data.removeprefix(PRESS).split(":")
    if not data.startswith(PRESS) or len(parts) != 3 or not parts[0].isdecimal() or len(parts[0]) > 18:
        return None
    return int(parts[0]), parts[1], parts[2]

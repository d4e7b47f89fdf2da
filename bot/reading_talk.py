"""A reader says that he has read what was issued: 收到 or 1, as the answer to the notice that asks him last."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot import questions
from bot.visit import Visit
from core.office import Office
from oversight import issuing, telling
from records import readers, reading_out

READ: Final = telling.READ
Reading = Callable[[Office, int, int, str], Awaitable[bool]]

READINGS: Final[Mapping[str, tuple[Reading, str]]] = {
    telling.REPORT: (issuing.read, "T-REPORT-READ"),
    reading_out.TOPIC: (readers.acknowledge, "T-ACK-OK"),
}
"""What is noted and what is said, for each topic of the question."""


async def take(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take 收到 or 1 from the person who was asked; anything else goes on."""
    if not visit.bot.words.means("ACK", text) or visit.staff is None or question.ref_id is None:
        return False
    visit.intent = "ACK"
    note, key = READINGS[question.topic]
    await questions.close(visit.office, question.id, questions.ANSWERED)
    await note(visit.office, question.ref_id, visit.staff.id, visit.row.channel)
    await visit.say(key)
    return True

"""After filing in a chat: the messages of the dialog are taken away on both sides, where the officer wants that.

What the provider lets a bot delete is what either side sent in the last 48 hours. What stays is said: backups, copies
on other devices, what the provider itself keeps, and the chat from which something was passed on.
"""

from datetime import datetime, timedelta
from typing import Final

from bot import questions
from bot.questions import Question
from bot.visit import Visit
from core.text import bare, normalise
from messaging.channel import Button
from messaging.presses import data_of
from models import tidy_queries

TIDY: Final = "tidy"
WAITS: Final = timedelta(hours=24)
DELETED_WITHIN: Final = timedelta(hours=47)


async def offer(visit: Visit, begun: str | None, number: str) -> None:
    """Offer to take the dialog's messages away, in a chat, once what was filed stands."""
    if not visit.in_chat or begun is None:
        return
    payload = {"since": begun, "number": number}
    question_id = await questions.ask(visit.office, visit.address_id, TIDY, payload=payload, lasts=WAITS)
    buttons = [
        Button(visit.text_of("bot.button.tidy"), data_of(question_id, 0, "1")),
        Button(visit.text_of("bot.button.keep"), data_of(question_id, 0, "2")),
    ]
    await visit.say("bot.tidy_offer", buttons=[buttons])


async def take(visit: Visit, question: Question, text: str) -> bool:
    """Take yes or no; anything else goes on."""
    digit = bare(normalise(text))
    if digit not in {"1", "2"} or not visit.pressed:
        return False
    visit.intent = "TIDY"
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if digit == "2":
        await visit.say("bot.tidy_kept")
        return True
    since = datetime.fromisoformat(str(question.payload["since"]))
    oldest = max(since, visit.now - DELETED_WITHIN)
    ids = await tidy_queries.messages_since(visit.address_id, oldest)
    key = "bot.tidied" if oldest == since else "bot.tidied_partly"
    await visit.write(key, visit.text_of(key, no=question.payload["number"]), deletes=ids)
    return True

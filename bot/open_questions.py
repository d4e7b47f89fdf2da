"""Step 3 of the router: the open questions of an address, the one last sent first. What fits none goes on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot import (
    correct_talk,
    dialog,
    dialog_commands,
    forward_talk,
    intents,
    known_talk,
    offer_talk,
    own_talk,
    people_talk,
    questions,
    reading_talk,
    record_talk,
    return_talk,
    tidy_talk,
    withdraw_talk,
)
from bot.questions import Question
from bot.recognition import Intent
from bot.visit import Visit
from campaigns import answering
from core.text import bare, normalise
from messaging import inbox
from models import question_queries
from records.answer_parts import say_more
from records.returning import QUESTION

ACK: Final = "ack"
NEED_A_DIALOG: Final = frozenset({"CONTINUE", "MORE", "BACK", "SKIP", "CHANGE", "DROP"})
Taker = Callable[[Visit, Question, str], Awaitable[bool]]


async def offer(visit: Visit) -> bool:
    """Offer a message to each open question; return whether one took it."""
    for question in visit.stack:
        taker = TAKERS.get(question.kind)
        if taker is not None and await taker(visit, question, visit.text):
            return True
    return await resume(visit)


async def _dialog(visit: Visit, question: Question, text: str) -> bool:
    return await dialog_commands.advance(visit, question, text, None)


async def _ack(visit: Visit, question: Question, text: str) -> bool:
    if not visit.bot.words.means("ACK", text) or not await answering.is_waiting(visit.office, visit.address_id):
        return False
    await acknowledge(visit, None)
    return True


async def acknowledge(visit: Visit, run_id: int | None) -> None:
    """Acknowledge the reminder that a button names, or the one last sent."""
    visit.intent = "ACK"
    key = await answering.acknowledge(visit.office, visit.address_id, run_id, visit.row.channel)
    await (visit.say_once_a_day("ack-none", key) if key == answering.NOTHING_WAITS else visit.say(key))


async def _help(visit: Visit, question: Question, text: str) -> bool:
    chosen = intents.MENUS[question.topic].get(bare(normalise(text)))
    if chosen is None:
        return False
    await questions.close(visit.office, question.id, questions.ANSWERED)
    await intents.act(visit, Intent(chosen, "open"))
    return True


async def _suggest(visit: Visit, question: Question, text: str) -> bool:
    digit = bare(normalise(text))
    if digit not in {"1", "2", "9"}:
        return False
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if digit == "1":
        await intents.act(visit, Intent(question.topic, "open", rest=str(question.payload.get("text", ""))))
        if visit.scrub and "inbound" in question.payload:
            await inbox.scrub(question.payload["inbound"])
    elif digit == "9":
        await people_talk.to_person(visit)
    else:
        await visit.say("bot.fine")
    return True


async def _offer(visit: Visit, question: Question, text: str) -> bool:
    """Take yes or later to the offer to go on with another form; anything else goes on."""
    digit = bare(normalise(text))
    if digit not in {"1", "2"}:
        return False
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if digit == "2":
        await visit.say("bot.fine")
        return True
    kind = visit.bot.kinds.get(question.topic)
    visit.intent = kind.id.upper()
    await dialog.begin(visit, kind, values=question.payload["values"])
    return True


TAKERS: Final[Mapping[str, Taker]] = {
    dialog.DIALOG: _dialog,
    ACK: _ack,
    reading_talk.READ: reading_talk.take,
    record_talk.RATING: record_talk.take_rating,
    record_talk.WHY: record_talk.take_why,
    record_talk.STATUS: record_talk.take_status,
    forward_talk.FORWARD: forward_talk.take,
    withdraw_talk.WITHDRAW: withdraw_talk.take,
    people_talk.BIND: people_talk.take_bind,
    people_talk.SIGN: people_talk.take_sign,
    QUESTION: return_talk.take,
    own_talk.OWN: own_talk.take,
    correct_talk.CORRECT: correct_talk.take,
    tidy_talk.TIDY: tidy_talk.take,
    known_talk.CHOICE: known_talk.take_choice,
    intents.HELP: _help,
    intents.SUGGEST: _suggest,
    offer_talk.OFFER: _offer,
}
LATE_TAKERS: Final[Mapping[str, Taker]] = {
    record_talk.SUPPLY: record_talk.take_supply,
    dialog.ADDITION: record_talk.take_addition,
}


async def resume(visit: Visit) -> bool:
    """CONTINUE outside a dialog: go on with questions put aside, or with what an office asked for. MORE: the rest."""
    command = visit.bot.words.dialog_command(visit.text)
    if command not in NEED_A_DIALOG:
        return False
    visit.intent = f"CMD_{command}"
    if command == "MORE" and await say_more(visit.office, visit.address_id):
        return True
    if command != "CONTINUE" or not await _go_on(visit):
        await visit.say("dialog.nothing_open")
    return True


async def _go_on(visit: Visit) -> bool:
    for question in visit.stack:
        if question.kind == dialog.PARKED:
            await question_queries.rename(question.id, dialog.DIALOG)
            await dialog.go_on(visit, dialog.place_of(visit, question))
            return True
        if question.kind == record_talk.SUPPLY:
            await visit.say("bot.supply")
            return True
    return False


async def offer_late(visit: Visit) -> bool:
    """Offer what is no form, keyword or number to what waits for free text about a record."""
    for question in visit.stack:
        taker = LATE_TAKERS.get(question.kind)
        if taker is not None and await taker(visit, question, visit.text):
            return True
    return False

"""What a sender does with records that exist: asks for progress, rates an answer, adds what is missing."""

from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from bot import dialog, questions, return_talk
from bot.visit import Visit
from core.errors import NotThere, Refused
from core.numbers import find_number, parse_code, parse_number
from core.text import bare, normalise
from models import sql
from models.record import Record
from records import amending, owner_acts, status
from records.saying import day_text
from records.source import Source
from records.status import StatusLine

STATUS: Final = "status"
RATING: Final = "rating"
WHY: Final = "rating_why"
SUPPLY: Final = "supply"
CODE_DIGITS: Final = 6
T = TypeVar("T")
WAIT: Final = timedelta(hours=1)
LISTED: Final = 3
WHY_WAITS: Final = timedelta(hours=72)


async def ask_status(visit: Visit, said: str) -> None:
    """Tell progress: of the number that was said, else of what is open for this sender."""
    number = find_number(said)
    if number is not None:
        await by_number(visit, str(number), code_after(said, str(number)))
        return
    staff_id = visit.staff.id if visit.staff and visit.in_chat else None
    lines = await status.own_open(visit.office, visit.bot.kinds, visit.address_id, staff_id)
    owed = await return_talk.owed_lines(visit)
    if lines or owed:
        shown = [line_text(visit, line) for line in lines[:LISTED]] + owed[:LISTED]
        await visit.write(lines[0].text_key if lines else return_talk.OWED, "\n".join(shown))
        return
    await questions.ask(visit.office, visit.address_id, STATUS, topic="number", lasts=WAIT)
    await visit.say("bot.status_none")


def code_after(said: str, number: str) -> str | None:
    """Return the query code that stands beside a number: 查询#TS26091400130#204817."""
    pieces = [
        piece for piece in said.replace("＃", "#").replace("*", "#").replace("＊", "#").split("#") if piece.strip()
    ]
    return next((code for piece in pieces[1:] if (code := parse_code(piece, CODE_DIGITS))), None)


async def by_number(visit: Visit, number: str, code: str | None) -> None:
    """Tell progress of a number; ask for its code where this is not where it came from.

    A code that was sent is not kept with the message.
    """
    visit.scrub = visit.scrub or code is not None
    line = await status.status(visit.office, visit.bot.kinds, number, code, visit.address_id)
    if line is not None:
        await visit.write(line.text_key, line_text(visit, line))
    elif code is not None:
        await visit.say("T-STATUS-WRONG")
    else:
        await _ask_code(visit, number)


async def _ask_code(visit: Visit, number: str) -> None:
    await questions.ask(visit.office, visit.address_id, STATUS, topic="code", payload={"number": number}, lasts=WAIT)
    await visit.say("exchange.status.code")


def line_text(visit: Visit, line: StatusLine) -> str:
    """Return one line of progress, in neutral words."""
    state = visit.text_of(line.state_key)
    return visit.text_of(line.text_key, no=line.number, state=state, date=day_text(line.date, visit.lang))


async def take_status(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take a number or its code; anything else goes on."""
    if question.topic == "number":
        number = parse_number(text)
        if number is None:
            return False
        visit.intent = "STATUS"
        await questions.close(visit.office, question.id, questions.ANSWERED)
        await by_number(visit, str(number), None)
        return True
    code = parse_code(text, CODE_DIGITS)
    if code is None:
        return False
    visit.intent, visit.scrub = "STATUS", True
    line = await status.status(visit.office, visit.bot.kinds, question.payload["number"], code, visit.address_id)
    if line is None:
        await visit.say("T-STATUS-WRONG")
        return True
    await questions.close(visit.office, question.id, questions.ANSWERED)
    await visit.write(line.text_key, line_text(visit, line))
    return True


async def take_rating(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take one digit as the rating of an answer."""
    digit = bare(normalise(text))
    if len(digit) != 1 or digit not in "012345" or question.ref_id is None:
        return False
    visit.intent = "ANSWER"
    source = dialog.source_of(visit, "none")
    rated = await tried(visit, question, owner_acts.rate(visit.office, visit.bot.kinds, question.ref_id, digit, source))
    if rated is None:
        return True
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if rated.ask_why:
        await questions.ask(visit.office, visit.address_id, WHY, ref_id=question.ref_id, lasts=WHY_WAITS)
    await visit.say(rated.text_key)
    return True


async def take_why(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take what was wrong; SKIP and DROP leave it open, other commands are not meant for this question."""
    command = visit.bot.words.dialog_command(text)
    if command in {"HELP", "HUMAN", "OPT_OUT"} or question.ref_id is None:
        return False
    visit.intent, visit.scrub = "ANSWER", True
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if command is None:
        source = dialog.source_of(visit, "none")
        await owner_acts.say_why(visit.office, visit.bot.kinds, question.ref_id, text, source)
    await visit.say("exchange.rating.thanks")
    return True


async def take_supply(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take what the office asked for, and move the record on."""
    record = await Record.get(id=question.ref_id)
    kind = visit.bot.kinds.get(record.kind)
    name = dialog.opening_field(kind)
    if name is None:
        return False
    visit.intent, visit.scrub = "ANSWER", True
    values = {name: await dialog.shortened(visit, kind, text)}
    source = dialog.source_of(visit, "none")
    done = await tried(visit, question, _supply(visit, record.id, values, source))
    if done:
        await questions.close(visit.office, question.id, questions.ANSWERED)
        await visit.say("dialog.amended", no=record.number)
    return True


async def _supply(visit: Visit, record_id: int, values: Mapping[str, str], source: Source) -> bool:
    await owner_acts.supply(visit.office, visit.bot.kinds, record_id, values, source)
    return True


async def take_addition(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take a message that came soon after filing as more of the statement."""
    record = await Record.get(id=question.ref_id)
    kind = visit.bot.kinds.get(record.kind)
    if kind.statement is None:
        return False
    visit.intent, visit.scrub = "ANSWER", True
    values = {kind.statement: await dialog.shortened(visit, kind, text)}
    source = dialog.source_of(visit, "none")
    if await tried(visit, question, _amend(visit, record.id, values, source)):
        await questions.ask_again(
            visit.office, question.id, {}, lasts=dialog.lasts(visit, "dialog.statement_open"), ref_id=record.id
        )
        await visit.say("dialog.amended", no=record.number)
    return True


async def _amend(visit: Visit, record_id: int, values: Mapping[str, str], source: Source) -> bool:
    await amending.amend(visit.office, visit.bot.kinds, record_id, values, source)
    return True


async def tried(visit: Visit, question: questions.Question, doing: Coroutine[Any, Any, T]) -> T | None:
    """Do what a question was about; where the record does not take it any more, say so and close the question."""
    try:
        async with sql.transaction():
            return await doing
    except (Refused, NotThere):
        await questions.close(visit.office, question.id, questions.EXPIRED)
        await visit.say("error.not_allowed")
        return None

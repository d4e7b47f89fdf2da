"""更正: an officer corrects an answer of an entry of his; what he said before stays beside it."""

from collections.abc import Mapping
from typing import Any, Final

from bot import dialog, own_talk, questions
from bot.menus import question_text
from bot.questions import Question
from bot.visit import Buttons, Visit
from core.errors import NotThere, Refused
from core.numbers import find_number
from messaging.channel import Button
from messaging.presses import data_of
from models import sql
from models.record import Record
from records import amending, answers, forms, own
from records.answers import Problem
from records.evidence import FILES
from records.kind import Kind

CORRECT: Final = "correct"
ENTRY: Final = "entry"
FIELD: Final = "field"
ANSWER: Final = "answer"


async def ask(visit: Visit, said: str) -> None:
    """Ask which entry is to be corrected; where only one can be, or its number was said, which answer of it."""
    if not await own_talk.may_see(visit) or visit.staff is None:
        return
    entries = await own.own_entries(visit.office, visit.bot.kinds, visit.staff.id)
    open_ones = [entry for entry in entries if entry.correctable]
    number = find_number(said)
    if number is not None:
        open_ones = [entry for entry in open_ones if entry.number == str(number)]
    if not open_ones:
        await visit.say("bot.correct_none")
    elif len(open_ones) == 1:
        await _ask_field(visit, open_ones[0].record_id)
    else:
        question_id = await _put(visit, ENTRY, {})
        rows = [[Button(one.number, data_of(question_id, 0, str(one.record_id)))] for one in open_ones]
        await visit.say("bot.correct_entry", buttons=rows)


async def _put(visit: Visit, topic: str, payload: Mapping[str, Any], record_id: int | None = None) -> int:
    waits = dialog.lasts(visit, "dialog.expire")
    return await questions.ask(
        visit.office, visit.address_id, CORRECT, ref_id=record_id, topic=topic, payload=payload, lasts=waits
    )


async def _ask_field(visit: Visit, record_id: int) -> None:
    """Show the answers that were given as buttons; what was answered is not shown."""
    record = await Record.get(id=record_id)
    kind = visit.bot.kinds.get(record.kind)
    names = await _correctable(kind, record)
    question_id = await _put(visit, FIELD, {}, record_id)
    buttons = [Button(kind.field(name).titles[visit.lang], data_of(question_id, 0, name)) for name in names]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    await visit.say("bot.correct_field", no=record.number, buttons=rows)


async def _correctable(kind: Kind, record: Record) -> list[str]:
    """The fields that the form asked and that have an answer, files apart: of those more are sent, none is changed."""
    known, _ = await own.known_of(kind, record)
    asked = (name for entry in (*kind.form.first, *kind.form.later) for name in entry.fields)
    return [name for name in dict.fromkeys(asked) if name in known and kind.field(name).type != FILES]


async def take(visit: Visit, question: Question, text: str) -> bool:
    """Take the entry, the field, or the new answer; commands and other requests go on."""
    if question.topic != ANSWER and not visit.pressed:
        return False
    if visit.bot.words.dialog_command(text) in {"HELP", "HUMAN", "OPT_OUT"}:
        return False
    visit.intent, visit.scrub, visit.secret = "CORRECT", True, True
    if visit.bot.words.dialog_command(text) == "DROP":
        await questions.close(visit.office, question.id, questions.DROPPED)
        await visit.say("bot.correct_dropped")
    elif question.topic == ENTRY:
        source = dialog.source_of(visit, "bound_account")
        if not text.isdecimal() or not await amending.owns(visit.office, int(text), source):
            return False
        await _ask_field(visit, int(text))
    elif question.topic == FIELD:
        await _ask_answer(visit, question, text)
    else:
        await _take_answer(visit, question, text)
    return True


async def _ask_answer(visit: Visit, question: Question, name: str) -> None:
    record = await Record.get(id=question.ref_id)
    kind = visit.bot.kinds.get(record.kind)
    if name not in await _correctable(kind, record):
        await visit.say("bot.press_stale")
        return
    question_id = await _put(visit, ANSWER, {"field": name}, record.id)
    asked = _question_of(visit, kind, name)
    rows: Buttons = [[Button(each.title, data_of(question_id, 0, each.value))] for each in asked.options]
    text = question_text(visit, asked, menu=False)
    await visit.write(asked.text_key, text, buttons=rows)


def _question_of(visit: Visit, kind: Kind, name: str) -> forms.Question:
    """The question of one field alone, in the words of the form where it asks it first."""
    entries = (*kind.form.first, *kind.form.later)
    entry = next((each for each in entries if each.fields[0] == name), None)
    entry = entry or next(each for each in entries if name in each.fields)
    options = forms.options_of(kind.field(name), visit.lang)
    return forms.Question((name,), entry.text, options, False, 1, 1, None)


async def _take_answer(visit: Visit, question: Question, text: str) -> None:
    record = await Record.get(id=question.ref_id)
    kind, name = visit.bot.kinds.get(record.kind), str(question.payload["field"])
    read = answers.read_answer(kind, _question_of(visit, kind, name), text, await dialog.reading(visit))
    if isinstance(read, Problem):
        await visit.say(read.text_key, **read.vars)
        return
    await questions.close(visit.office, question.id, questions.ANSWERED)
    source = dialog.source_of(visit, "bound_account")
    try:
        async with sql.transaction():
            await amending.correct(visit.office, visit.bot.kinds, record.id, read.values, source)
    except (Refused, NotThere):
        await visit.say("bot.correct_none")
        return
    if read.note is not None:
        key, values = read.note
        await visit.say(key, **values)
    await visit.say("bot.corrected", no=record.number)

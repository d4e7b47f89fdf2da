"""The question of a monthly return, answered with a digit, a word for zero, or a button; and the late one-line form."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot import dialog, questions
from bot.questions import Question
from bot.recognition import Intent
from bot.visit import Visit
from core.errors import Conflict, NotThere
from models import sql
from models.record import Record
from oversight import returns_answer
from oversight.returns_answer import REPLY, ZERO, Outcome
from records import answers, returning
from records.answers import Problem, Read
from records.kind import Kind
from records.menus import menu_of
from records.returning import QUESTION, choice_buttons, month_of

INTENT: Final = "ZERO_REPORT"
BOTH: Final = 2
OWED: Final = "returns.owed"


async def take(visit: Visit, question: Question, text: str) -> bool:
    """Take a message that is one of the answers; anything else goes on, and the question stays open."""
    kind = visit.bot.kinds.the_return()
    if kind is None or question.ref_id is None or visit.staff is None:
        return False
    said = dict(question.payload.get("said", {}))
    asked = str(question.payload.get("asked", REPLY))
    if visit.bot.words.means_zero(text):
        said, asked, value = {}, REPLY, ZERO
    else:
        value = menu_of(kind.fields[asked].choices or {}).value_of(text) or ""
    if not value:
        return False
    await _take(visit, kind, question, {**said, asked: value}, text)
    return True


async def press(visit: Visit, record_id: int, field: str, value: str) -> bool:
    """Take a pressed button: the first question may always be answered anew, a later one only while it is asked."""
    kind = visit.bot.kinds.the_return()
    question = next((each for each in visit.stack if each.kind == QUESTION and each.ref_id == record_id), None)
    if kind is None or question is None or visit.staff is None:
        return False
    asked = str(question.payload.get("asked", REPLY))
    if field not in (REPLY, asked) or value not in (kind.fields[field].choices or {}):
        return False
    said = {} if field == REPLY else dict(question.payload.get("said", {}))
    await visit.answer_press()
    title = (kind.fields[field].choices or {})[value].titles[visit.lang]
    await _take(visit, kind, question, {**said, field: value}, title)
    return True


async def _take(visit: Visit, kind: Kind, question: Question, said: Mapping[str, str], raw: str) -> None:
    """Hand the answer on; where the return is closed meanwhile, say so."""
    visit.intent = INTENT
    assert question.ref_id is not None  # looked at by both callers
    outcome = await _answered(visit, question.ref_id, said, raw)
    if outcome is None:
        await questions.close(visit.office, question.id, questions.EXPIRED)
        await visit.say("T-ZERO-CLOSED")
    elif outcome.ask is not None:
        await _ask(visit, kind, question, outcome)
    elif outcome.opens:
        await _open(visit, kind, question, outcome)


async def _answered(visit: Visit, record_id: int, said: Mapping[str, str], raw: str) -> Outcome | None:
    """The thanks come with the move; None where the return does not wait for an answer."""
    source = dialog.source_of(visit, "bound_account" if visit.in_chat else "none")
    try:
        async with sql.transaction():
            return await returns_answer.answer(visit.office, visit.bot.kinds, record_id, said, raw, source)
    except (Conflict, NotThere):
        return None


async def _ask(visit: Visit, kind: Kind, question: Question, outcome: Outcome) -> None:
    """Ask what comes next, and keep what was said so far with the open question."""
    asked = outcome.ask
    assert asked is not None  # looked at by the caller
    field = kind.fields[asked.fields[0]]
    await _keep(visit, question, {"asked": field.id, "said": dict(outcome.given)})
    options = " ".join(f"{each.value} {each.title}" for each in asked.options) if visit.by_sms else ""
    values = {"n": outcome.entries, "m": month_of(outcome.month, visit.lang), "options": options}
    needed = visit.office.texts.get(asked.text_key).variables
    buttons = choice_buttons(field, question.ref_id or 0, visit.lang)
    await visit.say(asked.text_key, buttons=buttons, **{name: values[name] for name in needed})


async def _keep(visit: Visit, question: Question, payload: Mapping[str, Any]) -> None:
    record = await Record.get(id=question.ref_id)
    lasts = record.later_until - visit.now if record.later_until else timedelta(0)
    await questions.ask_again(visit.office, question.id, payload, lasts=lasts, ref_id=record.id)


async def _open(visit: Visit, kind: Kind, question: Question, outcome: Outcome) -> None:
    """Open the form of the register; the return stays open until the first entry of its month is filed."""
    await _keep(visit, question, {})
    if len(outcome.opens) == BOTH:
        await visit.say("returns.both")
    await dialog.begin(visit, visit.bot.kinds.get(outcome.opens[0]))


async def act(visit: Visit, kind: Kind, meant: Intent) -> None:
    """The word alone, or the form with a month: ask what is still open, or answer for that month."""
    if visit.staff is None:
        await visit.say("T-BIND-FIRST")
        return
    read = None
    if meant.step == "form":
        read = answers.read_line(kind, f"{meant.via}#{meant.rest}", await dialog.reading(visit))
    if isinstance(read, Problem):
        await visit.say(read.text_key, **{name: read.vars[name] for name in _needed(visit, read.text_key)})
    elif isinstance(read, Read):
        await _for_month(visit, kind, read.values)
    else:
        await _ask_again(visit, kind)


def _needed(visit: Visit, key: str) -> frozenset[str]:
    return frozenset(visit.office.texts.get(key).variables)


async def _for_month(visit: Visit, kind: Kind, values: Mapping[str, str]) -> None:
    """Answer for the month that was named; the other answers were set by the word itself."""
    assert visit.staff is not None  # looked at by the caller
    period = kind.with_source("period")
    assert period is not None  # looked at on load
    month = values[period.id]
    try:
        record_id = await returns_answer.owed_for(visit.office, kind, visit.staff.id, month)
    except Conflict as refused:
        await visit.say(refused.key, m=month_of(month, visit.lang))
        return
    question = await _question(visit, record_id)
    said = {name: value for name, value in values.items() if name != period.id}
    await _take(visit, kind, question, said, visit.text)


async def _question(visit: Visit, record_id: int) -> Question:
    """The open question of a return at this address; where he was asked at another one, it is put here too."""
    record = await Record.get(id=record_id)
    person = visit.staff.id if visit.staff else None
    key = f"in:{visit.row.id}"
    await returning.put_question(visit.office, record, visit.address_id, person, key, record.later_until)
    await visit.load_stack()
    return next(each for each in visit.stack if each.kind == QUESTION and each.ref_id == record_id)


async def _ask_again(visit: Visit, kind: Kind) -> None:
    """Say again what is open: the newest month; where nothing is, say so."""
    assert visit.staff is not None  # looked at by the caller
    owed = await returns_answer.waiting(visit.office, visit.staff.id)
    if not owed:
        await visit.say("T-ZERO-CLOSED")
        return
    record_id, month = owed[0]
    await _question(visit, record_id)
    buttons = choice_buttons(kind.fields[REPLY], record_id, visit.lang)
    await visit.say(kind.form.first[0].text, m=month_of(month, visit.lang), buttons=buttons)


async def owed_lines(visit: Visit) -> list[str]:
    """Return a line for each month whose return the sender still owes, the newest first."""
    if visit.staff is None:
        return []
    owed = await returns_answer.waiting(visit.office, visit.staff.id)
    return [visit.text_of(OWED, m=month_of(month, visit.lang)) for _, month in owed]

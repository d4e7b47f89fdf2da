"""What staff ask and answer about records that call or name them: the sheet, and a choice like 1 with name."""

from typing import Final

from bot import dialog, questions
from bot.record_talk import tried
from bot.visit import Visit
from core.text import bare, normalise
from records import owner_acts, sheets
from records.answer_parts import leave_rest, split

CHOICE: Final = "choice"
SHEET: Final = "T-BULLETIN"


async def show_sheet(visit: Visit, number: str) -> bool:
    """Say what is made known under a number to one of its readers; False where this is none of his."""
    if visit.staff is None:
        return False
    sheet = await sheets.sheet_for(visit.office, visit.bot.kinds, number, visit.staff.id)
    if sheet is None:
        return False
    text = sheet.text(visit.lang)
    if visit.by_sms:
        room, rest = split(visit.office, text, visit.lang)
        if rest:
            await leave_rest(visit.office, visit.address_id, visit.staff.id, sheet.record_id, rest, visit.lang)
        text = room
    await visit.write(SHEET, text)
    return True


async def take_choice(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take the number of a choice from the person whom a record names and asks."""
    digit = bare(normalise(text))
    if len(digit) != 1 or not digit.isdecimal() or visit.staff is None or question.ref_id is None:
        return False
    visit.intent = "ANSWER"
    source = dialog.source_of(visit, "bound_account" if visit.in_chat else "none")
    choosing = owner_acts.choose(visit.office, visit.bot.kinds, question.ref_id, int(digit), source)
    chosen = await tried(visit, question, choosing)
    if chosen is None:
        return True
    if not chosen:
        await visit.say("error.invalid")
        return True
    await questions.close(visit.office, question.id, questions.ANSWERED)
    await visit.say("records.choice_kept")
    return True

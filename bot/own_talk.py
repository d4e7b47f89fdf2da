"""我的: an officer sees his own entries and goes on with what he owes, by chat alone; over SMS anybody could ask."""

from typing import Final

from bot import dialog, questions
from bot.dialog import Place
from bot.draft import GIVEN, Draft
from bot.questions import Question
from bot.visit import Visit
from messaging.channel import Button
from messaging.presses import data_of
from models import question_queries
from models.record import Record
from records import amending, own
from records.own import OwnEntry
from records.returning import QUESTION as RETURN
from records.saying import day_text

OWN: Final = "own"
MORE: Final = "m"


async def may_see(visit: Visit) -> bool:
    """Return whether the sender is an officer on his bound chat; say what to do where he is not."""
    if visit.staff is None:
        await visit.say("T-BIND-FIRST")
    elif not visit.in_chat:
        await visit.say("bot.mine_by_chat")
    return visit.staff is not None and visit.in_chat


async def show(visit: Visit, before_id: int | None = None) -> None:
    """List a page of the sender's own entries, newest first, with a button for each thing he owes."""
    if not await may_see(visit) or visit.staff is None:
        return
    found = await own.own_entries(visit.office, visit.bot.kinds, visit.staff.id, before_id, own.PAGE + 1)
    page = found[: own.PAGE]
    lines = [_line(visit, entry) for entry in page]
    if before_id is None and any(each.kind == RETURN for each in visit.stack):
        lines.append(visit.text_of("bot.mine_return"))
    if not lines:
        await visit.say("bot.mine_none")
        return
    last = page[-1].record_id if page else None
    question_id = await questions.ask(
        visit.office, visit.address_id, OWN, payload={"before": last}, lasts=dialog.lasts(visit, "dialog.expire")
    )
    owed = [entry for entry in page if entry.owed]
    rows = [[Button(_label(visit, entry), data_of(question_id, 0, str(entry.record_id)))] for entry in owed]
    if len(found) > own.PAGE:
        rows.append([Button(visit.text_of("bot.button.next_page"), data_of(question_id, 0, MORE))])
    await visit.write("bot.mine_line", "\n".join(lines), buttons=rows)


def _line(visit: Visit, entry: OwnEntry) -> str:
    state, date = visit.text_of(entry.state_key), day_text(entry.filed_on, visit.lang)
    line = visit.text_of("bot.mine_line", no=entry.number, date=date, state=state)
    if entry.owed is None:
        return line
    until = day_text(entry.owed.until, visit.lang) if entry.owed.until else ""
    key = "bot.mine_questions" if entry.owed.questions else "bot.mine_asked"
    return line + visit.text_of(key, **({"n": entry.owed.questions} if entry.owed.questions else {}), date=until)


def _label(visit: Visit, entry: OwnEntry) -> str:
    return visit.text_of("bot.button.go_on", no=entry.number)


async def take(visit: Visit, question: Question, text: str) -> bool:
    """Take a pressed button: the next page, or the entry to go on with."""
    if not visit.pressed or visit.staff is None:
        return False
    visit.intent = "MINE"
    if text == MORE:
        await show(visit, question.payload["before"])
        return True
    if not text.isdecimal():
        return False
    return await resume(visit, int(text))


async def resume(visit: Visit, record_id: int) -> bool:
    """Go on with an entry of the sender: what the office asked for, else the questions after filing."""
    source = dialog.source_of(visit, "bound_account")
    if not await amending.owns(visit.office, record_id, source):
        return False
    record = await Record.get(id=record_id)
    kind = visit.bot.kinds.get(record.kind)
    if own.supplying(kind, record) is not None:
        await visit.say("bot.supply")
        return True
    values, named = await own.known_of(kind, record)
    left = await own.open_questions(kind, record)
    if not left or not amending.may_correct(kind, record, visit.now) or record.later_until is None:
        await visit.say("dialog.nothing_open")
        return True
    ours = {name: value for name, value in values.items() if name in kind.fields}
    known = {name: str(value) if kind.field(name).fact else GIVEN for name, value in ours.items()}
    draft = Draft(
        kind.id,
        visit.lang,
        values=known,
        named=named,
        record=record.id,
        number=str(record.number),
        until=record.later_until.isoformat(),
        begun=visit.row.received_at.isoformat(),
        before=tuple(known),
    )
    await question_queries.replace(visit.address_id, [dialog.PARKED], visit.now)
    lead = visit.text_of("dialog.later_intro", n=left)
    place = Place(kind, draft)
    asked = draft.question(kind)
    if asked is not None:
        await dialog.ask(visit, place, asked, [lead])
    return True

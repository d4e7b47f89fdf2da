"""Dialogs that nobody answers are reminded, then closed; other questions close when their time is up."""

from datetime import datetime, timedelta

from bot import questions
from bot.dialog import DIALOG, PARKED
from bot.draft import Draft
from bot.parts import Bot
from core.clock import local_day
from core.office import Office
from core.texts import sign
from messaging import outbox
from messaging.channel import SMS
from messaging.outbox import NewMessage
from models import question_queries, sql
from models.inbound import OpenQuestion
from records import evidence
from records.saying import day_text

SLICE = 50


async def step(office: Office, bot: Bot, limit: int = SLICE) -> int:
    """Remind and close one slice, each in a transaction of its own; return how many questions were looked at."""
    now = office.clock.now()
    idle_since = now - (_after(office, "dialog.remind", now) - now)
    waiting = await question_queries.unreminded_dialogs(idle_since, limit)
    for row in waiting:
        async with sql.transaction():
            await _remind(office, bot, row)
    over = await question_queries.overdue(now, limit)
    for row in over:
        async with sql.transaction():
            await _expire(office, bot, row)
    return len(waiting) + len(over)


def _after(office: Office, limit: str, now: datetime) -> datetime:
    return office.limits.get(limit).span.end(office.calendar, now, office.zone).moment


async def _remind(office: Office, bot: Bot, row: OpenQuestion) -> None:
    """Before filing: go on or drop it. After it: the questions rest until CONTINUE."""
    draft = Draft.of(questions.read(office, row).payload)
    register = bot.kinds.get(draft.kind).filing_act is not None
    key = f"{question_queries.REMINDED}{row.id}:{draft.turn}"
    await question_queries.mark_reminded(row.id, key)
    if draft.filed:
        await question_queries.replace(row.address_id, [PARKED], office.clock.now())
        await question_queries.rename(row.id, PARKED)
    if not register:
        return
    if not draft.filed:
        await _tell(office, row, draft, key, "T-DRAFT-REMIND")
    elif draft.until is not None:
        last_day = local_day(datetime.fromisoformat(draft.until) - timedelta(seconds=1), office.zone)
        date = day_text(last_day, draft.lang)
        await _tell(office, row, draft, key, "dialog.later_remind", no=draft.number, date=date)


async def _expire(office: Office, bot: Bot, row: OpenQuestion) -> None:
    """Close a question; whose draft is lost by it is told."""
    if not await questions.close(office, row.id, questions.EXPIRED) or row.kind != DIALOG:
        return
    draft = Draft.of(questions.read(office, row).payload)
    if not draft.filed:
        await evidence.drop(row.id)
    if not draft.filed and bot.kinds.get(draft.kind).filing_act is not None:
        await _tell(office, row, draft, f"expired:{row.id}", "T-DRAFT-EXPIRE")


async def _tell(office: Office, row: OpenQuestion, draft: Draft, dedupe_key: str, key: str, **values: object) -> None:
    channel = row.address.channel
    text = office.texts.say(key, draft.lang, **values)
    await outbox.enqueue(
        office,
        NewMessage(
            dedupe_key=dedupe_key,
            channel=channel,
            address_id=row.address_id,
            person_id=row.person_id,
            category="duty",
            lang=draft.lang,
            text=sign(text, draft.lang, office.signature) if channel == SMS else text,
            text_key=key,
            not_before=office.next_waking(),
        ),
    )

"""Claims what came in and answers it: each message in one transaction, the change and what is said together."""

import structlog

from bot import chat_commands, router
from bot.parts import Bot
from bot.visit import Visit
from core.errors import NotThere, Refused
from core.office import Office
from core.text import LANGUAGES, detect
from messaging import inbox
from messaging.inbox import InboundRow
from models import question_queries, sql
from models.org import Person

log = structlog.get_logger()
PROVIDER_OUT = "provider_opt_out"
PROVIDER_IN = "provider_opt_in"


async def step(office: Office, bot: Bot, limit: int = 20) -> int:
    """Handle the oldest new message of each address, at most so many; return how many there were.

    What fails leaves the row for another try, with growing pauses, and nothing half done.
    """

    async def handle(row: InboundRow) -> None:
        await answer(office, bot, row)

    return await inbox.step(office, handle, limit)


async def answer(office: Office, bot: Bot, row: InboundRow) -> None:
    """Answer one message in the caller's transaction."""
    visit = await _visit(office, bot, row)
    if row.intent in {PROVIDER_OUT, PROVIDER_IN}:
        await _reported(visit)
        return
    await visit.mute_when_too_many()
    await _look_for_danger(visit)
    if visit.row.kind == "other":
        await visit.no_file()
    else:
        if visit.by_sms and visit.row.carried.files:
            await visit.say_once_a_day("mms", "bot.files_by_chat")
        await _route(visit)
    await _note(visit)


async def _visit(office: Office, bot: Bot, row: InboundRow) -> Visit:
    staff = None
    if row.person_id is not None and row.is_verified:
        staff = await Person.get_or_none(id=row.person_id, status__in=("active", "leave"), kind="staff")
    known = row.address_lang or (staff.lang if staff else None) or office.locale
    text = row.text or ""
    slash = row.kind == "text" and row.channel != "sms" and chat_commands.is_command(text)
    plain = row.kind == "text" and not slash
    default = next((lang for lang in LANGUAGES if lang == known), LANGUAGES[0])
    visit = Visit(
        office=office,
        bot=bot,
        row=row,
        staff=staff,
        text=chat_commands.as_words(text) if slash else text,
        lang=detect(text, default) if plain else default,
    )
    await visit.load_stack()
    visit.slash = slash
    return visit


async def _reported(visit: Visit) -> None:
    """The provider has recorded it, and the inbox too. After an opt-out it lets nothing pass, so nothing is said."""
    if visit.row.intent == PROVIDER_IN and visit.by_sms:
        await visit.say("T-OPTIN")


async def _look_for_danger(visit: Visit) -> None:
    if visit.pressed or not visit.bot.words.is_emergency(visit.text):
        return
    visit.urgent = visit.for_person = True
    await visit.say_once_a_day("emergency", "T-EMERGENCY")


async def _route(visit: Visit) -> None:
    """Take the message through the router; what a record or a person does not allow undoes it and is said."""
    try:
        async with sql.transaction():
            await router.route(visit)
    except (Refused, NotThere) as error:
        log.info("visit.refused", inbound=visit.row.id, error=type(error).__name__)
        visit.answered_press = False
        await visit.answer_press("bot.press_stale")
        await visit.say("error.not_allowed")


async def _note(visit: Visit) -> None:
    """Keep with the row what it was; scrub what stands elsewhere or must not stand anywhere."""
    kept = visit.urgent or (visit.for_person and not visit.secret)
    await inbox.note(
        visit.row,
        intent=visit.intent,
        urgent=visit.urgent,
        for_person=visit.for_person,
        till_read=visit.scrub and kept,
    )
    if visit.scrub and not kept:
        await inbox.scrub(visit.row.id)
    if visit.in_dialog or visit.lang == visit.row.address_lang or visit.row.kind != "text":
        return
    await question_queries.speaks(visit.address_id, visit.lang)

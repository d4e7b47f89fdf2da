"""What is done for each intent. An intent whose kind is not installed says so and goes to a person."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from bot import (
    correct_talk,
    dialog,
    known_talk,
    own_talk,
    people_talk,
    questions,
    record_talk,
    return_talk,
    withdraw_talk,
)
from bot.recognition import Intent
from bot.visit import Buttons, Visit
from core.numbers import find_number
from messaging.channel import Button
from messaging.presses import data_of
from records import answers
from records.answers import Problem
from records.kind import Kind

HELP: Final = "help"
SUGGEST: Final = "suggest"
MENU_WAITS: Final = timedelta(hours=1)
ASK_WAITS: Final = timedelta(hours=24)

MENUS: Final[Mapping[str, Mapping[str, str]]] = {
    "T-HELP-STAFF": {
        "1": "INTERCESSION",
        "2": "GIFT",
        "3": "ZERO_REPORT",
        "4": "STATUS",
        "5": "RETALIATION",
        "6": "COMPLAINT",
        "9": "HUMAN",
    },
    "T-HELP-PUBLIC": {
        "1": "INQUIRY",
        "2": "COMPLAINT",
        "3": "TIP",
        "4": "STATUS",
        "5": "SUGGESTION",
        "9": "HUMAN",
    },
}
SUGGESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "SUGGEST_COMPLAINT": ("T-SUGGEST-COMPLAINT", "COMPLAINT"),
    "SUGGEST_TIP": ("T-SUGGEST-TIP", "TIP"),
    "SUGGEST_INTERCESSION": ("T-SUGGEST-SQ", "INTERCESSION"),
    "SUGGEST_GIFT": ("T-SUGGEST-GIFT", "GIFT"),
    "SUGGEST_RETALIATION": ("bot.suggest_retaliation", "RETALIATION"),
}


async def act(visit: Visit, meant: Intent) -> None:
    """Do what a message means."""
    visit.intent = meant.name
    if meant.name in ACTS:
        await ACTS[meant.name](visit, meant)
    elif meant.name in SUGGESTIONS:
        await suggest(visit, meant.name)
    elif (kind := visit.bot.kind_for(meant.name)) is not None and kind.returns:
        await return_talk.act(visit, kind, meant)
    elif kind is not None:
        await (_form(visit, kind, meant) if meant.step == "form" else dialog.begin(visit, kind, text=meant.rest))
    else:
        await not_yet(visit)


async def _form(visit: Visit, kind: Kind, meant: Intent) -> None:
    """Read a one-line form; what is missing is asked, what is wrong is said with the place."""
    visit.scrub = True
    read = answers.read_line(kind, f"{meant.via}#{meant.rest}", await dialog.reading(visit))
    if read is None:
        await dialog.begin(visit, kind, text=meant.rest)
    elif isinstance(read, Problem):
        usage = [visit.text_of(kind.one_line.usage)] if visit.in_chat and kind.one_line else []
        await visit.write(read.text_key, "\n".join([visit.text_of(read.text_key, **read.vars), *usage]))
    else:
        if read.note is not None:
            key, values = read.note
            await visit.say(key, **values)
        await dialog.begin(visit, kind, values=read.values)


async def not_yet(visit: Visit) -> None:
    """Say honestly that there is no function for this yet; a person reads the message."""
    visit.for_person = True
    await visit.say("bot.not_yet")


async def help_menu(visit: Visit, _: Intent | None = None) -> None:
    """Show what this sender can do; its digits are answers for a while."""
    key = "T-HELP-STAFF" if visit.staff else "T-HELP-PUBLIC"
    question_id = await questions.ask(visit.office, visit.address_id, HELP, topic=key, lasts=MENU_WAITS)
    await visit.say(key, buttons=_digits(question_id, MENUS[key]))


def _digits(question_id: int, digits: Mapping[str, object]) -> Buttons:
    return [[Button(digit, data_of(question_id, 0, digit)) for digit in digits]]


async def suggest(visit: Visit, name: str) -> None:
    """Ask what a message was meant to be, without acting; once a day, after that it is only noted for a person."""
    key, intent = SUGGESTIONS[name]
    question_id = await questions.ask(
        visit.office,
        visit.address_id,
        SUGGEST,
        topic=intent,
        payload={"text": visit.text, "inbound": visit.row.id},
        lasts=ASK_WAITS,
    )
    buttons = [
        [
            Button(visit.text_of("bot.button.yes"), data_of(question_id, 0, "1")),
            Button(visit.text_of("bot.button.no"), data_of(question_id, 0, "2")),
            Button(visit.text_of("bot.button.human"), data_of(question_id, 0, "9")),
        ]
    ]
    if not await visit.say_unasked(key, buttons):
        visit.for_person = True
        await questions.close(visit.office, question_id, questions.DROPPED)


async def _opt_out_question(visit: Visit, _: Intent) -> None:
    await visit.say("T-OPTOUT-ASK")


async def _bind(visit: Visit, meant: Intent) -> None:
    staff_no = meant.rest.strip()
    await (people_talk.start_binding(visit, staff_no) if staff_no else people_talk.ask_staff_no(visit))


async def _bind_first(visit: Visit, _: Intent) -> None:
    """What belongs into a register is not kept outside of it."""
    visit.scrub = True
    await visit.say("T-BIND-FIRST")


async def _sign(visit: Visit, meant: Intent) -> None:
    if await people_talk.set_sign(visit, meant.rest):
        await visit.say("exchange.sign.stored")


async def _status(visit: Visit, meant: Intent) -> None:
    said = f"{meant.via}#{meant.rest}" if meant.step == "form" else visit.text
    number = find_number(said)
    if number is None or not await known_talk.show_sheet(visit, str(number)):
        await record_talk.ask_status(visit, said)


async def _withdraw(visit: Visit, meant: Intent) -> None:
    said = f"{meant.via}#{meant.rest}" if meant.step == "form" else visit.text
    await withdraw_talk.ask_withdraw(visit, said)


async def _refusal_line(visit: Visit, _: Intent) -> None:
    await visit.say("T-REFUSAL-LINE")


async def _mine(visit: Visit, _: Intent) -> None:
    await own_talk.show(visit)


async def _correct(visit: Visit, _: Intent) -> None:
    await correct_talk.ask(visit, visit.text)


async def _human(visit: Visit, _: Intent) -> None:
    await people_talk.to_person(visit)


async def _opt_out(visit: Visit, _: Intent) -> None:
    await people_talk.opt_out(visit)


async def _opt_in(visit: Visit, _: Intent) -> None:
    await people_talk.opt_in(visit)


ACTS: Final[Mapping[str, Callable[[Visit, Intent], Awaitable[None]]]] = {
    "OPT_OUT": _opt_out,
    "OPT_IN": _opt_in,
    "HELP": help_menu,
    "HUMAN": _human,
    "STATUS": _status,
    "WITHDRAW": _withdraw,
    "BIND": _bind,
    "BIND_FIRST": _bind_first,
    "SIGN": _sign,
    "REFUSAL_LINE": _refusal_line,
    "MINE": _mine,
    "CORRECT": _correct,
    "INFO_COMPLAINT": help_menu,
    "INFO_TIP": help_menu,
    "INFO_INTERCESSION": help_menu,
    "INFO_OPTOUT": _opt_out_question,
}

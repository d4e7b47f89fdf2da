"""Whole-message commands inside a dialog: BACK, SKIP, DROP, CHANGE, CONTINUE, HELP, HUMAN, DONE, MORE."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from bot import correct_talk, dialog, files_talk, offer_talk, own_talk, people_talk, questions
from bot.dialog import Place
from bot.visit import Visit
from records.answer_parts import say_more

Command = Callable[[Visit, Place], Awaitable[None]]


async def back(visit: Visit, place: Place) -> None:
    """Ask the question before this one again; from signing or choosing a question back to the form."""
    if place.draft.stage == "which":
        await dialog.go_on(visit, place.at(replace(place.draft, stage="ask")))
        return
    earlier = place.draft.back()
    if earlier is None:
        await dialog.repeat(visit, place, "bot.first_step", visit.text_of("bot.first_step"))
        return
    await dialog.go_on(visit, place.at(earlier))


async def skip(visit: Visit, place: Place) -> None:
    """Pass over a question that may be left out; an answer that was to be changed stays as it was."""
    question = place.draft.question(place.kind)
    if place.draft.stage != "ask" or question is None:
        await show(visit, place)
    elif place.draft.filed or question.optional or place.draft.aside:
        await dialog.go_on(visit, place.at(place.draft.skip(question)))
    else:
        await dialog.repeat(visit, place, "bot.required", visit.text_of("bot.required"))


async def drop(visit: Visit, place: Place) -> None:
    """Before filing: erase everything. After it: what is filed stays, the rest may come later."""
    if place.draft.filed:
        await dialog.park(visit, place)
        await visit.say("dialog.left_open")
        if not await offer_talk.offer(visit, place.kind, place.draft):
            await dialog.offer_to_tidy(visit, place)
        return
    await dialog.end(visit, place, questions.DROPPED)
    await visit.say("dialog.dropped")


async def change(visit: Visit, place: Place) -> None:
    """Ask which question is to be answered anew; where there is only one, ask it."""
    answered = len(place.draft.done)
    if answered == 0:
        await dialog.repeat(visit, place, "bot.first_step", visit.text_of("bot.first_step"))
    elif answered == 1:
        await dialog.go_on(visit, place.at(place.draft.without(place.draft.done[0])))
    else:
        await dialog.keep(visit, place.at(replace(place.draft, stage="which")))
        await visit.say("dialog.change_which", n=answered)


async def show(visit: Visit, place: Place) -> None:
    """Show again what is open."""
    if place.draft.stage == "which":
        await visit.say("dialog.change_which", n=len(place.draft.done))
    else:
        await dialog.go_on(visit, place)


async def more(visit: Visit, place: Place) -> None:
    """Say the rest of an answer that was cut; where there is none, show again what is open."""
    if not await say_more(visit.office, visit.address_id):
        await show(visit, place)


async def explain(visit: Visit, place: Place) -> None:
    """Say which words there are; in chat with the question."""
    await dialog.repeat(visit, place, "bot.how_to_answer", visit.text_of("bot.how_to_answer"))


async def to_person(visit: Visit, place: Place) -> None:
    """A person will look; the dialog stays where it is."""
    await dialog.keep(visit, place)
    await people_talk.to_person(visit)


async def opt_out(visit: Visit, place: Place) -> None:
    """Withdraw consent; the draft stays."""
    await dialog.keep(visit, place)
    await people_talk.opt_out(visit)


async def done(visit: Visit, place: Place) -> None:
    """Nothing more to add: to a question for files that is the end of it, after filing of the questions for now."""
    if files_talk.asks_files(place):
        await skip(visit, place)
        return
    await (drop(visit, place) if place.draft.filed else show(visit, place))


COMMANDS: Final[Mapping[str, Command]] = {
    "BACK": back,
    "SKIP": skip,
    "DROP": drop,
    "CHANGE": change,
    "CONTINUE": show,
    "MORE": more,
    "HELP": explain,
    "HUMAN": to_person,
    "OPT_OUT": opt_out,
    "DONE": done,
}


async def _correct(visit: Visit) -> None:
    await correct_talk.ask(visit, visit.text)


BESIDE: Final[Mapping[str, Callable[[Visit], Awaitable[None]]]] = {"MINE": own_talk.show, "CORRECT": _correct}
"""What an officer may ask for while the questions after filing are open: they rest meanwhile."""


async def choose(visit: Visit, place: Place, text: str) -> None:
    """Take a message as the number of the question that is to be answered anew."""
    answered = place.draft.done
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    if not 1 <= number <= len(answered):
        await visit.say("dialog.change_which", n=len(answered))
        return
    await dialog.go_on(visit, place.at(place.draft.without(answered[number - 1])))


async def advance(visit: Visit, question: questions.Question, text: str, command: str | None) -> bool:
    """Let a dialog take a message, whatever it holds."""
    place = dialog.place_of(visit, question)
    visit.scrub, visit.secret = True, place.kind.neutral
    collecting = place.draft.filed
    name = command or visit.bot.words.dialog_command(text, collecting=collecting)
    if name is None and visit.slash:
        name = "CONTINUE"
    if name is not None and name in COMMANDS:
        visit.intent = f"CMD_{name}"
        await COMMANDS[name](visit, place)
        return True
    if place.draft.filed and visit.in_chat and visit.meant.name in BESIDE:
        visit.intent = visit.meant.name
        await dialog.park(visit, place)
        await BESIDE[visit.meant.name](visit)
        return True
    visit.intent = "ANSWER"
    if place.draft.stage == "sign":
        await sign(visit, place, text)
    elif place.draft.stage == "which":
        await choose(visit, place, text.strip())
    else:
        await dialog.answer(visit, place, text)
    return True


async def sign(visit: Visit, place: Place, text: str) -> None:
    """Take a message as the signing code, or as the form that sets one."""
    meant = visit.bot.words.recognise(text, visit.context())
    if meant.name == "SIGN":
        if await people_talk.set_sign(visit, meant.rest):
            await dialog.ask_to_sign(visit, place)
        return
    await dialog.sign(visit, place, text)

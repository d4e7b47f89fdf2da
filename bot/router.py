"""The order in which a message is looked at. The first step that takes it wins; the list below is the order.

Step 1, a message seen before, is refused by the inbox: a provider's id is stored once. Danger is no step; it is looked
for in every message besides (`bot.step`).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from bot import buttons, files_talk, forward_talk, intents, open_questions
from bot.visit import Visit

Step = Callable[[Visit], Awaitable[bool]]


async def press(visit: Visit) -> bool:
    """A button was pressed: it belongs to the question that it names."""
    if not visit.pressed:
        return False
    await buttons.take(visit)
    return True


async def files(visit: Visit) -> bool:
    """Files, and what a bound officer passes on: into the dialog that is open, else he is asked what it is."""
    if visit.row.kind != "file":
        return await forward_talk.take_in(visit)
    if not await files_talk.take(visit) and not await forward_talk.take_in(visit):
        await visit.no_file()
    return True


async def consent(visit: Visit) -> bool:
    """Opt-out and opt-in words, exact, while no dialog is open; inside one only its own command opts out."""
    if visit.meant.step != "consent" or visit.in_dialog:
        return False
    await intents.act(visit, visit.meant)
    return True


async def open_question(visit: Visit) -> bool:
    """What we wait for: the question last sent first; a dialog takes every message."""
    return await open_questions.offer(visit)


async def form(visit: Visit) -> bool:
    """One-line forms."""
    return await _act_on(visit, "form")


async def keyword(visit: Visit) -> bool:
    """Keywords; a bound person's 收到 where nothing waits for one is told so once a day."""
    if await _act_on(visit, "keyword"):
        return True
    if visit.staff is None or visit.meant.name != "NONE" or not visit.bot.words.means("ACK", visit.text):
        return False
    visit.intent = "ACK"
    await visit.say_once_a_day("ack-none", "T-ACK-NONE")
    return True


async def number(visit: Visit) -> bool:
    """A record number asks for its progress."""
    return await _act_on(visit, "number")


async def late_answer(visit: Visit) -> bool:
    """Free text that a record waits for: what the office asked for, or more of a statement filed just now."""
    return await open_questions.offer_late(visit)


async def near_miss(visit: Visit) -> bool:
    """Near-misses start nothing; a few are known to mean something else."""
    return await _act_on(visit, "near_miss")


async def hint(visit: Visit) -> bool:
    """Hints only ask."""
    return await _act_on(visit, "hint")


async def fallback(visit: Visit) -> bool:
    """Nothing fits: a person reads it, and the sender hears of the menu at most once a day."""
    visit.intent, visit.for_person = "NONE", True
    if not visit.urgent:
        await visit.say_unasked("T-FALLBACK")
    return True


async def _act_on(visit: Visit, step: str) -> bool:
    if visit.meant.step != step:
        return False
    await intents.act(visit, visit.meant)
    return True


STEPS: Final[tuple[Step, ...]] = (
    press,
    files,
    consent,
    open_question,
    form,
    keyword,
    number,
    late_answer,
    near_miss,
    hint,
    fallback,
)


async def route(visit: Visit) -> None:
    """Take a message through the steps."""
    for step in STEPS:
        if await step(visit):
            return

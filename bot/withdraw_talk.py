"""Taking a report back: its number, its code where it did not come from here, and a plain yes."""

from typing import Final

from bot import dialog, questions, record_talk
from bot.visit import Visit
from core.numbers import find_number, parse_code, parse_number
from core.text import bare, normalise
from messaging.channel import Button
from messaging.presses import data_of
from records import owner_acts, status
from records.source import Source

WITHDRAW: Final = "withdraw"
ACT: Final = "撤回"
GOES_ON: Final = frozenset({"form", "keyword", "number", "consent"})


async def ask_withdraw(visit: Visit, said: str) -> None:
    """Take back what was named; unnamed, the only open record of this sender."""
    number = find_number(said)
    if number is not None:
        await _by_number(visit, str(number), record_talk.code_after(said, str(number)))
        return
    lines = await status.own_open(visit.office, visit.bot.kinds, visit.address_id, None)
    if len(lines) == 1:
        await _by_number(visit, lines[0].number, None)
        return
    await questions.ask(visit.office, visit.address_id, WITHDRAW, topic="number", lasts=record_talk.WAIT)
    await visit.say("exchange.withdraw.number")


async def _by_number(visit: Visit, number: str, code: str | None) -> None:
    visit.scrub = visit.scrub or code is not None
    line = await status.status(visit.office, visit.bot.kinds, number, code, visit.address_id)
    if line is not None:
        payload = {"number": line.number, "by_code": code is not None}
        await _ask(visit, "confirm", payload, line.record_id)
        await _confirm(visit, line.number)
    elif code is not None:
        await visit.say("T-STATUS-WRONG")
    else:
        await _ask(visit, "code", {"number": number})
        await visit.say("exchange.status.code")


async def _ask(visit: Visit, topic: str, payload: dict[str, object], record_id: int | None = None) -> None:
    await questions.ask(
        visit.office,
        visit.address_id,
        WITHDRAW,
        ref_id=record_id,
        topic=topic,
        payload=payload,
        lasts=record_talk.WAIT,
    )


async def _confirm(visit: Visit, number: str) -> None:
    await visit.load_stack()
    asked = next(each for each in visit.stack if each.kind == WITHDRAW)
    buttons = [[Button(digit, data_of(asked.id, 0, digit)) for digit in "12"]]
    await visit.say("exchange.withdraw.confirm", no=number, buttons=buttons)


async def take(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take the number, the code or the answer; another request goes on."""
    if question.topic == "confirm":
        return await _decide(visit, question, bare(normalise(text)))
    if question.topic == "number":
        number = parse_number(text)
        return number is not None and await _take(visit, str(number), None)
    code = parse_code(text, record_talk.CODE_DIGITS)
    return code is not None and await _take(visit, str(question.payload["number"]), code)


async def _take(visit: Visit, number: str, code: str | None) -> bool:
    visit.intent = "WITHDRAW"
    await _by_number(visit, number, code)
    return True


async def _decide(visit: Visit, question: questions.Question, digit: str) -> bool:
    number = str(question.payload["number"])
    if digit not in {"1", "2"}:
        if visit.meant.step in GOES_ON or visit.bot.words.dialog_command(visit.text):
            return False
        await _confirm(visit, number)
        return True
    visit.intent = "WITHDRAW"
    if digit == "1":
        source = dialog.source_of(visit, "none")
        await record_talk.tried(visit, question, _withdraw(visit, question, source))
    else:
        await visit.say("exchange.withdraw.kept", no=number)
    await questions.close(visit.office, question.id, questions.ANSWERED)
    return True


async def _withdraw(visit: Visit, question: questions.Question, source: Source) -> None:
    """The sender is told where the record came from; whoever does it elsewhere by its code, here too."""
    by_code = bool(question.payload["by_code"])
    office, kinds = visit.office, visit.bot.kinds
    await owner_acts.do_owner_act(office, kinds, question.ref_id or 0, ACT, {}, source, by_code=by_code)
    if by_code:
        await visit.say("T-WITHDRAWN", no=question.payload["number"])

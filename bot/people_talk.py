"""What a sender says about himself: consent, a person to talk to, who he is (binding), his signing code."""

from datetime import timedelta
from typing import Final

from bot import questions
from bot.visit import Visit
from core.errors import Refused
from core.numbers import parse_code
from messaging import consent
from models.org import Person
from people import binding, signing

BIND: Final = "bind"
SIGN: Final = "sign"
STAFF_MAY_LEAVE: Final = ("education", "survey")
CODE_DIGITS: Final = 6
STAFF_NO_MOST: Final = 32


async def opt_out(visit: Visit) -> None:
    """Withdraw consent: of staff to education and surveys only, duty notices go on."""
    visit.intent = "OPT_OUT"
    if visit.staff is not None:
        await consent.withdraw(visit.office, visit.address_id, "word", STAFF_MAY_LEAVE)
    else:
        await consent.withdraw(visit.office, visit.address_id, "word")
    await visit.say("T-OPTOUT-DUTY" if visit.staff else "T-OPTOUT-ALL")


async def opt_in(visit: Visit) -> None:
    """Give consent again."""
    visit.intent = "OPT_IN"
    await consent.give(visit.office, visit.address_id, "word")
    await visit.say("T-OPTIN")


async def to_person(visit: Visit) -> None:
    """Put the message before a person."""
    visit.for_person = True
    await visit.say("T-HUMAN")


async def ask_staff_no(visit: Visit) -> None:
    """Ask who the sender is, unless it is known."""
    if visit.staff is not None and visit.in_chat:
        await visit.say("bot.bound_already")
        return
    await questions.ask(visit.office, visit.address_id, BIND, topic="staff_no", lasts=_code_lasts(visit))
    await visit.say("exchange.bind.staff_no")


async def start_binding(visit: Visit, staff_no: str) -> None:
    """Send the one-time code to the registered number and wait for it here."""
    key = await binding.start(visit.office, staff_no[:STAFF_NO_MOST], visit.address_id)
    await questions.ask(visit.office, visit.address_id, BIND, topic="code", lasts=_code_lasts(visit))
    await visit.say(key)


def _code_lasts(visit: Visit) -> timedelta:
    span = visit.office.limits.get("dialog.one_time_code").span
    return span.end(visit.office.calendar, visit.now, visit.office.zone).moment - visit.now


async def take_bind(visit: Visit, question: questions.Question, text: str) -> bool:
    """Take a staff number or a one-time code; anything else goes on."""
    if question.topic == "staff_no":
        return await _take_staff_no(visit, text)
    code = parse_code(text, CODE_DIGITS)
    if code is None:
        return False
    visit.intent, visit.scrub = "BIND", True
    bound = await binding.confirm(visit.office, visit.address_id, code)
    if bound.person_id is None:
        await visit.say(bound.text_key)
        return True
    visit.staff = await Person.get(id=bound.person_id)
    await questions.close(visit.office, question.id, questions.ANSWERED)
    if visit.staff.signing_hash is None:
        await questions.ask(visit.office, visit.address_id, SIGN, person_id=bound.person_id, lasts=_code_lasts(visit))
        await visit.say(bound.text_key)
    else:
        await visit.say("exchange.bind.done")
    return True


async def _take_staff_no(visit: Visit, text: str) -> bool:
    staff_no = text.strip()
    if not (staff_no.isascii() and staff_no.isalnum() and any(sign.isdigit() for sign in staff_no)):
        return False
    visit.intent = "BIND"
    await start_binding(visit, staff_no)
    return True


async def take_sign(visit: Visit, question: questions.Question, text: str) -> bool:
    """After binding four digits alone are the new signing code."""
    if len(text.strip()) != 4 or not text.strip().isdecimal():
        return False
    visit.intent = "SIGN"
    if await set_sign(visit, text.strip()):
        await questions.close(visit.office, question.id, questions.ANSWERED)
        await visit.say("exchange.sign.stored")
    return True


async def set_sign(visit: Visit, code: str) -> bool:
    """Store a signing code; say why not where it cannot be one. The message that holds it is not kept."""
    visit.scrub = True
    if visit.staff is None:
        await visit.say("T-BIND-FIRST")
        return False
    try:
        await signing.set_code(visit.office, visit.staff.id, code.strip())
    except Refused as refused:
        await visit.say(refused.key)
        return False
    visit.staff = await Person.get(id=visit.staff.id)
    return True

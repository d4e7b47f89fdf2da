"""A message, picture or voice note that a bound officer passes on: asked what it is, then kept with what begins.

Nothing is fetched, and nothing kept but this question, before he says what it is.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from bot import dialog, files_talk, questions
from bot.questions import Question
from bot.visit import Visit
from core.clock import local_day
from core.text import bare, normalise
from messaging.channel import Attached, Button
from messaging.presses import data_of
from models import question_queries
from records.kind import Kind

FORWARD: Final = "forward"
WAITS: Final = timedelta(hours=1)
NOTHING: Final = "0"
ADD: Final = "9"
DATES: Final = frozenset({"date", "moment"})


async def take_in(visit: Visit) -> bool:
    """Take what a bound officer passes on, or a file that belongs to no dialog; everybody else's goes on."""
    row = visit.row
    carries = bool(row.carried.files) or row.carried.forwarded_at is not None
    if not carries or visit.staff is None or not visit.in_chat or visit.in_dialog or not _kinds(visit):
        return False
    visit.intent, visit.scrub, visit.secret = "FORWARD", True, True
    open_one = next((each for each in visit.stack if each.kind == FORWARD), None)
    payload = _with_this(visit, dict(open_one.payload) if open_one else {"texts": [], "files": [], "albums": []})
    if open_one is not None and row.carried.album in open_one.payload["albums"]:
        await questions.ask_again(visit.office, open_one.id, payload, lasts=WAITS)
        return True
    question_id = await questions.ask(visit.office, visit.address_id, FORWARD, payload=payload, lasts=WAITS)
    await _ask(visit, question_id, len(payload["texts"]) + len(payload["files"]))
    return True


def _kinds(visit: Visit) -> list[Kind]:
    """The registers in which staff file and to which files belong, in the order of their titles' menu."""
    found = [kind for kind in visit.bot.kinds.by_id.values() if files_talk.files_field(kind) and kind.one_line]
    return sorted((kind for kind in found if "anyone" not in kind.filed_by), key=lambda kind: kind.id, reverse=True)


def _with_this(visit: Visit, payload: dict[str, Any]) -> dict[str, Any]:
    carried, text = visit.row.carried, visit.text.strip()
    first = carried.forwarded_at.isoformat() if carried.forwarded_at else None
    return {
        "texts": [*payload["texts"], *([text] if text else [])],
        "files": [*payload["files"], *(asdict(each) for each in carried.files)],
        "albums": [*payload["albums"], *([carried.album] if carried.album else [])],
        "lane": visit.row.lane_id,
        "at": payload.get("at") or first,
    }


async def _ask(visit: Visit, question_id: int, count: int) -> None:
    kinds = _kinds(visit)
    rows = [
        [Button(kind.titles[visit.lang], data_of(question_id, 0, str(place)))] for place, kind in enumerate(kinds, 1)
    ]
    if (parked := _parked(visit)) is not None:
        label = visit.text_of("bot.button.add_to", no=parked.payload.get("number", ""))
        rows.append([Button(label, data_of(question_id, 0, ADD))])
    rows.append([Button(visit.text_of("bot.button.nothing"), data_of(question_id, 0, NOTHING))])
    await visit.say("bot.forward_ask", buttons=rows, n=count)


def _parked(visit: Visit) -> Question | None:
    """The questions put aside of what he filed lately, where it takes files."""
    parked = (each for each in visit.stack if each.kind == dialog.PARKED)
    return next((each for each in parked if files_talk.files_field(visit.bot.kinds.get(each.topic))), None)


async def take(visit: Visit, question: Question, text: str) -> bool:
    """Take what it is; anything else goes on, and the question waits."""
    digit, kinds = bare(normalise(text)), _kinds(visit)
    if digit == NOTHING:
        await _close(visit, question)
        await visit.say("bot.forward_dropped")
    elif digit == ADD and (parked := _parked(visit)) is not None:
        await _close(visit, question)
        await _add_to(visit, question, parked)
    elif digit.isdecimal() and 1 <= int(digit) <= len(kinds):
        await _close(visit, question)
        await _begin(visit, question, kinds[int(digit) - 1])
    else:
        return False
    return True


async def _close(visit: Visit, question: Question) -> None:
    visit.intent = "FORWARD"
    await questions.close(visit.office, question.id, questions.ANSWERED)


async def _begin(visit: Visit, question: Question, kind: Kind) -> None:
    """Open the form with what the message says already; its files belong to it from now on."""
    held = question.payload
    offered = _offered(visit, kind, held.get("at"))
    await dialog.begin(visit, kind, text="\n".join(held["texts"]), offered=offered)
    await visit.load_stack()
    begun = next((each for each in visit.stack if each.kind == dialog.DIALOG), None)
    if begun is not None:
        await files_talk.add(visit, dialog.place_of(visit, begun), _files(held), held["lane"])


def _offered(visit: Visit, kind: Kind, at: str | None) -> dict[str, str]:
    """The moment of the message, for the first question that asks for a day or a moment in the past."""
    names = (name for entry in kind.form.first for name in entry.fields)
    name = next((name for name in names if kind.field(name).type in DATES), None)
    if at is None or name is None:
        return {}
    moment = datetime.fromisoformat(at).astimezone(visit.office.zone)
    if local_day(moment, visit.office.zone) > visit.office.today():
        return {}
    return {name: f"{moment:%Y-%m-%d %H:%M}" if kind.field(name).type == "moment" else f"{moment:%Y-%m-%d}"}


async def _add_to(visit: Visit, question: Question, parked: Question) -> None:
    """Files go to what was filed lately; words as more of its statement, where it takes them."""
    held = question.payload
    await question_queries.rename(parked.id, dialog.DIALOG)
    place = dialog.place_of(visit, parked)
    await files_talk.add(visit, place, _files(held), held["lane"])
    name, text = dialog.opening_field(place.kind), "\n".join(held["texts"])
    if text and name and not await dialog.amend(visit, place, {name: await dialog.shortened(visit, place.kind, text)}):
        return
    await dialog.repeat(visit, place, "bot.file_taken", visit.text_of("bot.file_taken"))


def _files(held: Any) -> list[Attached]:
    return [Attached(**each) for each in held["files"]]

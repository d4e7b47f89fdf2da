"""Telling owner, handler and officers what happened, through the outbox, in the transaction of the change.

The dedupe key is made of the record, its version and the target: the same change is told once.
"""

from collections.abc import Mapping
from typing import Any, Final

from core.office import Office
from core.texts import sign
from messaging.channel import TELEGRAM, Button, Buttons
from messaging.outbox import NewMessage, enqueue
from messaging.presses import data_of
from models import record_queries
from models.inbound import OpenQuestion
from models.record import Record
from records import returning
from records.answer_parts import leave_rest, split
from records.due import Deadlines
from records.in_flight import in_flight
from records.kind import Choice, Kind, Kinds, Notice
from records.saying import day_text, time_text
from records.targets import NAMED_PERSON, Target, targets_of

CHOICE: Final = "choice"


async def tell(
    office: Office, kinds: Kinds, deadlines: Deadlines, notice: Notice, given: Mapping[str, str], answer: str | None
) -> None:
    """Enqueue a notice for everybody it is for, and leave the question that it asks."""
    kind, record = deadlines.kind, deadlines.record
    flying = await in_flight(office, record.id) if notice.asks == CHOICE else {}
    for target in await targets_of(office, kind, record, notice.to):
        values = variables(office, kinds, deadlines, notice.to, given, target.lang) | {"answer": answer or ""}
        if notice.date:
            day = office.today() if notice.date == "today" else deadlines.end(notice.date).day
            values["date"] = day_text(day, target.lang)
        key = f"record:{record.id}:{record.lock_version}:{notice.text}:{target.address_id}"
        if notice.once:
            key = f"{kind.id}:{record.facts.get(notice.once)}:{notice.text}:{target.address_id}"
        text = office.texts.say(notice.text, target.lang, **_needed(office, notice.text, values))
        shows = bool(flying) or not office.texts.get(notice.text).variables.isdisjoint(kinds.shown_by)
        await _tell_one(
            office, deadlines, notice, target, _with_flight(text, notice, flying, target), key, fleeting=shows
        )


async def _tell_one(
    office: Office, deadlines: Deadlines, notice: Notice, target: Target, text: str, key: str, *, fleeting: bool
) -> None:
    """Say it to one target; what he is asked is a question of its own, its answers the buttons of the message."""
    kind, record = deadlines.kind, deadlines.record
    if notice.asks == returning.QUESTION and kind.returns is not None:
        field = kind.fields[kind.form.first[0].fields[0]]
        buttons: Buttons = returning.choice_buttons(field, record.id, target.lang)
        await say(office, target, notice.text, text, key, record, buttons, fleeting=fleeting)
        until = record.later_until
        await returning.put_question(office, record, target.address_id, target.person_id, key, until)
        return
    question_id = await _ask(office, deadlines, notice.asks, target, key) if notice.asks else 0
    await say(
        office,
        target,
        notice.text,
        text,
        key,
        record,
        _buttons(deadlines, notice, question_id, target),
        fleeting=fleeting,
    )


def _needed(office: Office, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in office.texts.get(key).variables}


def _with_flight(text: str, notice: Notice, flying: Mapping[str, str], target: Target) -> str:
    """In a chat, what somebody is asked to agree to stands below the question."""
    shown = "\n\n".join(flying.values()) if notice.asks == CHOICE and target.channel != "sms" else ""
    return f"{text}\n\n{shown}" if shown else text


def _buttons(deadlines: Deadlines, notice: Notice, question_id: int, target: Target) -> Buttons:
    """The choices that the person named may answer with, each a button."""
    if notice.asks != CHOICE:
        return ()
    choices = choices_of(deadlines.kind, deadlines.record.state)
    return [
        [Button(choice.titles[target.lang], data_of(question_id, 0, str(place)))]
        for place, choice in enumerate(choices.values(), 1)
    ]


def choices_of(kind: Kind, state: str) -> Mapping[str, Choice]:
    """Return the choices of the field that the acts of the person named need in a state."""
    needs = (name for move in kind.moves_from(state) if NAMED_PERSON in move.by for name in move.needs)
    return next((kind.fields[name].choices or {} for name in needs if kind.fields[name].choices), {})


async def say(
    office: Office,
    target: Target,
    text_key: str,
    text: str,
    dedupe_key: str,
    record: Record,
    buttons: Buttons = (),
    *,
    fleeting: bool = False,
) -> None:
    """Enqueue a text to a target; over SMS signed, and in parts where it is long.

    `fleeting`: it shows fields of the record, so it is erased once it is said.
    """
    if target.channel == "sms":
        text, rest = split(office, text, target.lang)
        if rest:
            await leave_rest(office, target.address_id, target.person_id, record.id, rest, target.lang)
        text = sign(text, target.lang, office.signature)
    await enqueue(
        office,
        NewMessage(
            dedupe_key=dedupe_key,
            channel=target.channel,
            address_id=target.address_id,
            person_id=target.person_id,
            category=office.texts.get(text_key).category,
            lang=target.lang,
            text=text,
            text_key=text_key,
            buttons=buttons if target.channel == TELEGRAM else (),
            fleeting=fleeting,
        ),
    )


def variables(
    office: Office, kinds: Kinds, deadlines: Deadlines, party: str, given: Mapping[str, str], lang: str
) -> dict[str, Any]:
    """Return everything that a text about a record may show: number, date, time, and the fields just given."""
    kind, record = deadlines.kind, deadlines.record
    end = deadlines.promised() if party == "owner" else deadlines.shown()
    shown: dict[str, Any] = {
        "no": record.number,
        "date": day_text(end.day, lang) if end else "",
        "hhmm": time_text(end.moment if end else record.state_since, office.zone),
        "place": kind.place[lang] if kind.place else "",
        "m": _month(kind, record, lang),
    }
    for variable, names in kinds.shown_by.items():
        name = next((name for name in names if name in given), None)
        shown[variable] = field_text(kind, name, given[name], lang) if name else ""
    return shown


def _month(kind: Kind, record: Record, lang: str) -> str:
    field = kind.with_source("period")
    return returning.month_of(record.facts[field.id], lang) if field else ""


def field_text(kind: Kind, name: str, value: str, lang: str) -> str:
    """Return a value as it is read: the title of a choice, else the value itself."""
    choices = kind.fields[name].choices
    return choices[value].titles[lang] if choices and value in choices else value


async def _ask(office: Office, deadlines: Deadlines, asks: str, target: Target, key: str) -> int:
    end = deadlines.waits() or deadlines.promised()
    row = await OpenQuestion.create(
        address_id=target.address_id,
        person_id=target.person_id,
        kind=asks,
        ref_id=deadlines.record.id,
        topic=deadlines.kind.id,
        message_key=key,
        asked_at=office.clock.now(),
        expires_at=end.moment if end else None,
    )
    return int(row.id)


async def close_questions(office: Office, record: Record) -> None:
    """Close what was asked about a record in the state that it leaves; what a return asks stays until it ends."""
    await record_queries.close_questions(record.id, office.clock.now(), ended=record.closed_at is not None)

"""Filling in the form of a kind: a few questions, filing, then the rest as amendments that may be skipped.

A place is the open question of kind `dialog` and the draft in it. Every function writes the place and what is said in
the caller's transaction, so that a restart finds both or neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot import offer_talk, questions, tidy_talk
from bot.draft import Draft
from bot.menus import question_buttons, question_text
from bot.visit import Visit
from core.conditions import Predicate
from core.errors import NotThere, Refused
from models import question_queries
from people import signing
from people.units import load_tree
from records import amending, answers, evidence, filing, forms
from records.answers import Read, Reading
from records.due import filed_late
from records.evidence import FILES
from records.forms import Question
from records.kind import Kind
from records.source import Proof, Source
from records.unit_names import UnitNames

DIALOG: Final = "dialog"
PARKED: Final = "later"
ADDITION: Final = "addition"
MISSES: Final = 3


@dataclass(frozen=True)
class Place:
    """A dialog of an address: its open question (None while there is none yet), kind and draft."""

    kind: Kind
    draft: Draft
    question_id: int | None = None

    def at(self, draft: Draft) -> "Place":
        """Return the same dialog at another place."""
        return replace(self, draft=draft)


def place_of(visit: Visit, question: questions.Question) -> Place:
    """Return the dialog that an open question holds. Its language stays what it was."""
    draft = Draft.of(question.payload)
    visit.lang = draft.lang
    return Place(visit.bot.kinds.get(draft.kind), draft, question.id)


async def begin(
    visit: Visit,
    kind: Kind,
    *,
    text: str = "",
    values: Mapping[str, str] | None = None,
    offered: Mapping[str, str] | None = None,
) -> None:
    """Open a form; a text that came with the keyword is the statement. Files at once where nothing is missing.

    `offered` are answers that a button proposes with their questions.
    """
    visit.scrub = True
    if "anyone" not in kind.filed_by and visit.staff is None:
        await visit.say("T-BIND-FIRST")
        return
    given, proposed = dict(values or {}), dict(offered or {})
    begun = visit.row.received_at.isoformat()
    draft = Draft(kind.id, visit.lang, given, named=named(visit, kind, {}), offered=proposed, begun=begun)
    name = opening_field(kind)
    if text and name:
        draft = replace(draft, values={**draft.values, name: await shortened(visit, kind, text)})
    lead = [visit.text_of(kind.form.intro).strip()] if kind.form.intro and not values else []
    await go_on(visit, Place(kind, draft), lead)


def opening_field(kind: Kind) -> str | None:
    """Return the field that a text beside the keyword fills: the statement, else the only long text of the form."""
    if kind.statement:
        return kind.statement
    names = [name for entry in kind.form.first for name in entry.fields if kind.field(name).type == "text"]
    return names[0] if len(names) == 1 else None


async def shortened(visit: Visit, kind: Kind, text: str) -> str:
    """Return a statement cut to what its field takes, and say so where it was cut."""
    name = opening_field(kind)
    most = kind.field(name).max if name else None
    if most is None or len(text) <= most:
        return text
    await visit.say("error.too_long", max=most)
    return text[:most]


def named(visit: Visit, kind: Kind, values: Mapping[str, str]) -> dict[str, bool]:
    """Return the predicates that the questions of a form look at."""
    entries = (*kind.form.first, *kind.form.later)
    conditions = [entry.ask_if for entry in entries] + [each for entry in entries for each, _ in entry.variants]
    items = [item for condition in conditions if condition for item in condition.items]
    names = {item.name for item in items if isinstance(item, Predicate)}
    known = {"by_sms": visit.by_sms, "filed_late": filed_late(visit.office, kind, dict(values), visit.now)}
    return {name: known.get(name, False) for name in names}


async def go_on(visit: Visit, place: Place, lead: Sequence[str] = ()) -> None:
    """Ask what comes next; sign or file when the questions before filing are over; end when all are."""
    question = place.draft.question(place.kind)
    if question is not None:
        await ask(visit, place, question, lead)
    elif place.draft.filed:
        await finish(visit, place)
    elif place.kind.signing_code and visit.by_sms:
        await ask_to_sign(visit, place)
    else:
        proof: Proof = "bound_account" if visit.in_chat and visit.staff else "none"
        await file(visit, place, proof)


async def ask(visit: Visit, place: Place, question: Question, lead: Sequence[str] = ()) -> None:
    """Put a question, after what leads to it, in one message."""
    place = await keep(visit, place.at(replace(place.draft, turn=place.draft.turn + 1, stage="ask")))
    text = question_text(visit, question, menu=visit.by_sms)
    buttons = question_buttons(
        visit,
        place.question_id or 0,
        place.draft.turn,
        question,
        filed=place.draft.filed,
        may_go_back=bool(place.draft.done),
        takes_files=place.kind.field(question.fields[0]).type == FILES,
        offered=place.draft.offered.get(question.fields[0]),
    )
    await visit.write(question.text_key, joined(visit.lang, [*lead, text]), buttons=buttons)


def joined(lang: str, sentences: Sequence[str]) -> str:
    """Return sentences as one text."""
    return (" " if lang == "en" else "").join(each for each in sentences if each)


async def keep(visit: Visit, place: Place) -> Place:
    """Write the place, on top of the stack; it lasts until nobody answers for long, or the questions close."""
    payload, lasts = place.draft.payload(), time_left(visit, place)
    if place.question_id is not None:
        await questions.ask_again(visit.office, place.question_id, payload, lasts=lasts, ref_id=place.draft.record)
        return place
    question_id = await questions.ask(
        visit.office,
        visit.address_id,
        DIALOG,
        person_id=visit.staff.id if visit.staff else None,
        ref_id=place.draft.record,
        topic=place.kind.id,
        payload=payload,
        lasts=lasts,
    )
    return replace(place, question_id=question_id)


def time_left(visit: Visit, place: Place) -> timedelta:
    """Return how long the dialog stays open: after filing until its questions close, before it while it is answered."""
    if place.draft.until:
        return max(datetime.fromisoformat(place.draft.until) - visit.now, timedelta(0))
    return lasts(visit, "dialog.expire")


def lasts(visit: Visit, limit: str) -> timedelta:
    """Return how long a limit lasts from now on."""
    span = visit.office.limits.get(limit).span
    return span.end(visit.office.calendar, visit.now, visit.office.zone).moment - visit.now


async def ask_to_sign(visit: Visit, place: Place) -> None:
    """Over SMS the number is only a claim: ask for the signing code, or how to get one."""
    await keep(visit, place.at(replace(place.draft, stage="sign")))
    has_code = visit.staff is not None and visit.staff.signing_hash is not None
    await visit.say("T-SIGN-ASK" if has_code else "bot.sign_none")


def source_of(visit: Visit, proof: Proof) -> Source:
    """Return where a filing or an answer comes from."""
    return Source(visit.address_id, visit.staff.id if visit.staff else None, visit.row.channel, visit.lang, proof)


async def file(visit: Visit, place: Place, proof: Proof) -> None:
    """File the record, say its number, and ask what else would help."""
    kind, draft = place.kind, place.draft
    await evidence.hold(place.question_id)
    filed = await filing.file(visit.office, visit.bot.kinds, kind.id, draft.values, source_of(visit, proof))
    await evidence.give_to_record(visit.office, place.question_id, filed.record_id)
    for key, values in filed.replies:
        await visit.say(key, **values)
    later = draft.as_filed(kind, filed.record_id, filed.number, _until(visit, kind), named(visit, kind, draft.values))
    question = later.question(kind)
    if question is None:
        await end(visit, place, questions.ANSWERED)
        return
    left = forms.open_count(kind, later.values, "later", frozenset(later.skipped), later.named)
    lead = visit.text_of("dialog.later_intro", n=left)
    await ask(visit, place.at(later), question, [lead])


def _until(visit: Visit, kind: Kind) -> str | None:
    if kind.form.later_until is None:
        return None
    span = visit.office.limits.get(kind.form.later_until).span
    return span.end(visit.office.calendar, visit.now, visit.office.zone).moment.isoformat()


async def finish(visit: Visit, place: Place) -> None:
    """Everything was answered or skipped."""
    await end(visit, place, questions.ANSWERED)
    await allow_additions(visit, place)
    await visit.say("dialog.later_done")
    if not await offer_talk.offer(visit, place.kind, place.draft):
        await offer_to_tidy(visit, place)


async def offer_to_tidy(visit: Visit, place: Place) -> None:
    """After filing in a register: offer to take the messages of the dialog away."""
    if place.kind.filing_act is not None and place.draft.number is not None:
        await tidy_talk.offer(visit, place.draft.begun, place.draft.number)


async def end(visit: Visit, place: Place, outcome: str) -> None:
    """Close the dialog; what was in it is erased, its files too where nothing was filed."""
    if place.question_id is not None:
        await questions.close(visit.office, place.question_id, outcome)
        if not place.draft.filed and outcome == questions.DROPPED:
            await evidence.drop(place.question_id)


async def answer(visit: Visit, place: Place, text: str) -> None:
    """Take a message as the answer to the question that is open."""
    question = place.draft.question(place.kind)
    if question is None:
        await go_on(visit, place)
        return
    read = answers.read_answer(place.kind, question, text, await reading(visit))
    if not isinstance(read, Read):
        await miss(visit, place, read.text_key, read.vars)
    elif place.draft.filed and read.note and place.kind.statement not in {None, *question.fields}:
        await add_to_statement(visit, place, text)
    else:
        await take(visit, place, question, read)


async def reading(visit: Visit) -> Reading:
    """Return what reading an answer needs to know."""
    return Reading(visit.office.today(), visit.lang, await unit_names())


async def unit_names() -> UnitNames:
    """Return the names by which units are known."""
    tree = await load_tree()
    return UnitNames.of((unit.code, unit.name_zh, unit.name_en) for unit in tree.by_id.values() if unit.active)


async def take(visit: Visit, place: Place, question: Question, read: Read) -> None:
    """Keep an answer; what is filed already is amended at once."""
    draft = place.draft.answered(question, read.values, read.skipped)
    if draft.filed and read.values and not await amend(visit, place, read.values):
        return
    if read.note is not None:
        key, values = read.note
        await visit.say(key, **values)
    await go_on(visit, place.at(draft.forgetting(place.kind) if draft.filed else draft))


async def amend(visit: Visit, place: Place, values: Mapping[str, str]) -> bool:
    """Append to the record; say so and end the dialog where the record takes no more."""
    if place.draft.record is None:
        return False
    try:
        source = source_of(visit, "bound_account" if visit.in_chat and visit.staff else "none")
        await amending.amend(visit.office, visit.bot.kinds, place.draft.record, values, source)
    except (Refused, NotThere):
        await end(visit, place, questions.EXPIRED)
        await visit.say("error.not_allowed")
        return False
    return True


async def add_to_statement(visit: Visit, place: Place, text: str) -> None:
    """What is too long for an answer belongs to the statement of what is filed; the question stays."""
    if place.kind.statement is None:
        return
    if await amend(visit, place, {place.kind.statement: await shortened(visit, place.kind, text)}):
        await go_on(visit, place, [visit.text_of("dialog.amended", no=place.draft.number)])


async def miss(visit: Visit, place: Place, key: str, values: Mapping[str, object]) -> None:
    """Say what is wrong with an answer; after three times a person looks at it. The question stays."""
    misses = place.draft.misses + 1
    too_many = misses >= MISSES
    place = place.at(replace(place.draft, misses=0 if too_many else misses))
    if too_many:
        key, values, visit.for_person = "error.after_3", {}, True
    await repeat(visit, place, key, visit.text_of(key, **values))


async def repeat(visit: Visit, place: Place, key: str, note: str) -> None:
    """Say something about the open question: in chat before the question itself, over SMS alone."""
    question = place.draft.question(place.kind) if place.draft.stage == "ask" else None
    if question is not None and visit.in_chat:
        await ask(visit, place, question, [note])
        return
    await keep(visit, place)
    await visit.write(key, note)


async def sign(visit: Visit, place: Place, text: str) -> None:
    """Look at a signing code; the message that holds it is not kept."""
    visit.scrub = True
    code = text.strip()
    if visit.staff is None:
        await visit.say("T-BIND-FIRST")
        return
    if len(code) != 4 or not code.isdecimal():
        await ask_to_sign(visit, place)
        return
    checked = await signing.check_code(visit.office, visit.staff.id, code)
    if checked.ok:
        await file(visit, place, "signing_code")
        return
    await keep(visit, place)
    if not checked.is_set:
        await visit.say("bot.sign_none")
    elif checked.tries_left > 0:
        await visit.say("T-SIGN-WRONG", n=checked.tries_left)
    else:
        await visit.say("bot.locked")


async def park(visit: Visit, place: Place) -> None:
    """Put the questions after filing aside: they take no messages any more until CONTINUE."""
    if place.question_id is None:
        return
    await question_queries.replace(visit.address_id, [PARKED], visit.now)
    await question_queries.rename(place.question_id, PARKED)
    await allow_additions(visit, place)


async def allow_additions(visit: Visit, place: Place) -> None:
    """For some minutes free text still belongs to the statement, where a kind has one."""
    if place.kind.statement is None or place.draft.record is None:
        return
    waits = lasts(visit, "dialog.statement_open")
    await questions.ask(visit.office, visit.address_id, ADDITION, ref_id=place.draft.record, lasts=waits)

"""Files that somebody sends: into the dialog that is open, else asked about, where he may register something."""

from collections.abc import Sequence
from typing import Final

from bot import dialog
from bot.dialog import Place
from bot.visit import Visit
from messaging.channel import Attached
from records import evidence
from records.evidence import FILES, MOST_BYTES, MOST_FILES, Incoming
from records.kind import Kind

TYPED: Final = frozenset({"text", "line"})


def files_field(kind: Kind) -> str | None:
    """Return the field that files of a sender belong to, None where a kind takes none from him."""
    names = (name for entry in kind.form.later for name in entry.fields)
    return next((name for name in names if kind.field(name).type == FILES), None)


async def take(visit: Visit) -> bool:
    """Take a message that carries files; False where nothing of ours wants them."""
    open_dialog = next((each for each in visit.stack if each.kind == dialog.DIALOG), None)
    if open_dialog is None:
        return False
    place = dialog.place_of(visit, open_dialog)
    if files_field(place.kind) is None:
        return False
    visit.intent, visit.scrub, visit.secret = "ANSWER", True, place.kind.neutral
    added = await add(visit, place, visit.row.carried.files)
    if await _caption(visit, place):
        return True
    if added:
        await _thank(visit, place)
    return True


async def add(visit: Visit, place: Place, files: Sequence[Attached], lane_id: int | None = None) -> bool:
    """Want files for a dialog, those that fit; what does not is said. Return whether any is wanted."""
    name, record = files_field(place.kind), place.draft.record
    if name is None:
        return False
    room, wanted = await evidence.room_left(place.question_id, record), False
    source = dialog.source_of(visit, "bound_account" if visit.in_chat and visit.staff else "none")
    for file in files:
        if file.size is not None and file.size > MOST_BYTES:
            await visit.say("file.too_large")
        elif room <= 0:
            await visit.say("bot.files_full", n=MOST_FILES)
        else:
            incoming = Incoming(lane_id or visit.row.lane_id, file.file_id, file.lasting_id)
            if await evidence.want(
                visit.office, place.kind, name, incoming, source, question_id=place.question_id, record_id=record
            ):
                room, wanted = room - 1, True
    return wanted


async def _caption(visit: Visit, place: Place) -> bool:
    """The words under a picture answer the open question where that is answered in words; else they are not kept."""
    if not visit.text.strip():
        return False
    question = place.draft.question(place.kind) if place.draft.stage == "ask" else None
    if question is not None and all(place.kind.field(name).type in TYPED for name in question.fields):
        await dialog.answer(visit, place, visit.text)
        return True
    await visit.say("bot.caption_left")
    return False


async def _thank(visit: Visit, place: Place) -> None:
    """Say that a file came, with the question that is open; of an album once, after its first picture."""
    album = visit.row.carried.album
    if album is None:
        await dialog.repeat(visit, place, "bot.file_taken", visit.text_of("bot.file_taken"))
    elif await visit.say_once_a_day(f"album-{album}"[:64], "bot.file_taken"):
        await dialog.keep(visit, place)


def asks_files(place: Place) -> bool:
    """Return whether the question that is open is answered with files."""
    question = place.draft.question(place.kind)
    return question is not None and place.kind.field(question.fields[0]).type == FILES

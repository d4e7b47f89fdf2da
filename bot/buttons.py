"""Buttons that were pressed: checked against the open question they belong to. A stale one is answered politely."""

from typing import Final

from bot import dialog, dialog_commands, open_questions, return_talk
from bot.draft import Draft
from bot.menus import label_of, question_text
from bot.questions import Question
from bot.visit import Visit
from messaging.presses import Press, read_press
from models import question_queries
from records.returning import read_data

ACK_PREFIX: Final = "ack:"


async def take(visit: Visit) -> None:
    """Do what a button stands for; every press is answered."""
    if visit.text.startswith(ACK_PREFIX) and visit.text[len(ACK_PREFIX) :].isdecimal():
        await visit.answer_press()
        await open_questions.acknowledge(visit, int(visit.text[len(ACK_PREFIX) :]))
        return
    if pressed := read_data(visit.text):
        if not await return_talk.press(visit, *pressed):
            visit.intent = "STALE_PRESS"
            await visit.answer_press("bot.press_stale")
        return
    press = read_press(visit.text)
    question = next((each for each in visit.stack if press and each.id == press.question_id), None)
    if press is None or question is None or not await _open(visit, press, question):
        visit.intent = "STALE_PRESS"
        await visit.answer_press("bot.press_stale")


async def _open(visit: Visit, press: Press, question: Question) -> bool:
    if question.kind in {dialog.DIALOG, dialog.PARKED}:
        return await _in_dialog(visit, press, question)
    taker = open_questions.TAKERS.get(question.kind)
    if taker is None or press.turn != 0:
        return False
    await visit.answer_press()
    return await taker(visit, question, press.value)


async def _in_dialog(visit: Visit, press: Press, question: Question) -> bool:
    if Draft.of(question.payload).turn != press.turn:
        return False
    if question.kind == dialog.PARKED:
        if any(each.kind == dialog.DIALOG for each in visit.stack):
            return False
        await question_queries.rename(question.id, dialog.DIALOG)
    place = dialog.place_of(visit, question)
    asked = place.draft.question(place.kind)
    if asked is None or place.draft.stage != "ask":
        return False
    said = label_of(visit, asked, press.value) if press.command is None else _command_label(visit, press.command)
    shown = visit.text_of("bot.chosen", text=question_text(visit, asked, menu=False), answer=said)
    await visit.answer_press(shows=shown)
    return await dialog_commands.advance(visit, question, press.value, press.command)


def _command_label(visit: Visit, command: str) -> str:
    key = f"bot.button.{command.lower()}"
    return visit.text_of(key) if key in visit.office.texts.by_key else ""

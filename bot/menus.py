"""How a question of a form looks: one numbered line over SMS, buttons in chat."""

from bot.visit import Visit
from messaging.channel import Button
from messaging.presses import COMMAND, data_of
from records.forms import Question, menu_line

SHORT_LABEL = 7
IN_A_ROW = 2


def question_text(visit: Visit, question: Question, *, menu: bool) -> str:
    """Return the question with its place in the form; `menu` spells the choices out."""
    options = menu_line(question.options, visit.lang) if menu else ""
    text = visit.text_of(question.text_key, options=options).strip()
    if question.total < 2:
        return text
    return visit.text_of("dialog.step", i=question.index, n=question.total) + text


def question_buttons(
    visit: Visit,
    question_id: int,
    turn: int,
    question: Question,
    *,
    filed: bool,
    may_go_back: bool,
    takes_files: bool = False,
    offered: str | None = None,
) -> list[list[Button]]:
    """Return the choices, or the answer that is offered, and below them the commands that make sense here."""
    choices = [Button(option.title, data_of(question_id, turn, option.value)) for option in question.options]
    wide = any(len(button.label) > SHORT_LABEL for button in choices)
    step = 1 if wide else IN_A_ROW
    rows = [choices[at : at + step] for at in range(0, len(choices), step)]
    if offered is not None:
        rows.insert(0, [Button(visit.text_of("bot.button.offered", text=offered), data_of(question_id, turn, offered))])
    names = [
        *(["BACK"] if may_go_back else []),
        *(["SENT" if takes_files else "SKIP"] if filed or question.optional else []),
        "LATER" if filed else "DROP",
    ]
    return [*rows, [command_button(visit, question_id, turn, name) for name in names]]


def command_button(visit: Visit, question_id: int, turn: int, name: str) -> Button:
    """Return the button of a command of dialogs; LATER and SENT are DROP and SKIP under friendlier names."""
    command = {"LATER": "DROP", "SENT": "SKIP"}.get(name, name)
    return Button(visit.text_of(f"bot.button.{name.lower()}"), data_of(question_id, turn, COMMAND + command))


def label_of(visit: Visit, question: Question, value: str) -> str:
    """Return what a pressed button said."""
    return next((option.title for option in question.options if option.value == value), value)

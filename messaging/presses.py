"""The data behind our buttons: which open question, which turn of it, which answer. Compact: 64 bytes at most."""

import re
from dataclasses import dataclass
from typing import Final

_FORM: Final = re.compile(r"q:([0-9a-f]{1,16}):([0-9a-f]{1,8}):(.{1,32})", re.DOTALL)
COMMAND: Final = "!"


@dataclass(frozen=True)
class Press:
    """A button of one of our questions. `turn` must be the question's own, else the button is stale."""

    question_id: int
    turn: int
    value: str

    @property
    def command(self) -> str | None:
        """The command of dialogs that it stands for, None when it is an answer."""
        return self.value[1:] if self.value.startswith(COMMAND) else None


def data_of(question_id: int, turn: int, value: str) -> str:
    """Return what stands behind a button."""
    return f"q:{question_id:x}:{turn:x}:{value}"


def read_press(data: str) -> Press | None:
    """Return the press that a button's data means, None when it is none of ours."""
    found = _FORM.fullmatch(data)
    return Press(int(found[1], 16), int(found[2], 16), found[3]) if found else None

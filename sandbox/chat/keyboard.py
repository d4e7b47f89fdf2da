"""Checking reply markup as Telegram does."""

from typing import Any

from sandbox.chat.params import Params
from sandbox.chat.refusals import bad_request

MAX_CALLBACK_BYTES = 64
_ACTIONS = ("callback_data", "url", "web_app", "login_url", "switch_inline_query", "copy_text")
_OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")


def read_markup(params: Params) -> dict[str, Any] | None:
    """Return the checked `reply_markup`, None when there is none; raises 400."""
    markup = params.data("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return {name: markup[name] for name in markup if name in _OTHER_MARKUPS} or None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse inline keyboard: it must be an Array of Arrays")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"inline_keyboard": [row for row in rows if row]}


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"]:
        raise bad_request("inline keyboard button text is empty")
    if not any(button.get(action) is not None for action in _ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def find_button(markup: dict[str, Any] | None, data: str | None, label: str | None) -> dict[str, Any] | None:
    """Return the button with this `callback_data`, or else with this label."""
    for row in (markup or {}).get("inline_keyboard", ()):
        for button in row:
            if (data is not None and button.get("callback_data") == data) or (
                data is None and label is not None and button["text"] == label
            ):
                found: dict[str, Any] = button
                return found
    return None

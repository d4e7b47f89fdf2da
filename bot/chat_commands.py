"""The slash commands of the chat: what the menu shows, and which words each stands for."""

from collections.abc import Mapping
from typing import Final

from core.office import Office

WORDS: Final[Mapping[str, str]] = {
    "start": "帮助",
    "help": "帮助",
    "register": "说情登记",
    "complain": "投诉",
    "status": "查询",
    "bind": "绑定",
    "human": "人工",
    "stop": "退订",
    "continue": "继续",
    "mine": "我的",
}
MENU: Final = ("help", "register", "mine", "complain", "status", "bind", "human")


def menu(office: Office, lang: str) -> list[tuple[str, str]]:
    """Return the commands that the chat's menu shows, each with what it does."""
    return [(name, office.texts.say(f"bot.command.{name}", lang)) for name in MENU]


def is_command(text: str) -> bool:
    """Return whether a message is a slash command."""
    return text.startswith("/")


def as_words(text: str) -> str:
    """Return what a slash command means in the words that everybody may write; an unknown one asks for help."""
    name, _, rest = text[1:].partition(" ")
    word = WORDS.get(name.partition("@")[0].casefold(), WORDS["help"])
    return f"{word}#{rest.strip()}" if rest.strip() and name.startswith("bind") else word

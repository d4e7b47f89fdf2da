"""Bots, their private chats and updates, in memory."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.chat.files import SandboxFile

FIRST_UPDATE_ID = 100_000_001
MAX_CONNECTIONS = 40


@dataclass(slots=True)
class ChatMessage:
    """One message of a chat, either way."""

    message_id: int
    chat_id: int
    from_bot: bool
    text: str
    date: datetime
    entities: list[dict[str, Any]] = field(default_factory=list)
    reply_markup: dict[str, Any] | None = None
    reply_to: int | None = None
    edited: datetime | None = None
    deleted: bool = False
    file: SandboxFile | None = None
    album: str = ""
    forward: dict[str, Any] | None = None

    @property
    def status(self) -> str:
        """`accepted`, or `deleted`; Telegram reports nothing else."""
        return "deleted" if self.deleted else "accepted"


@dataclass(slots=True)
class Chat:
    """A private chat of one person with one bot. It exists once the person wrote or was registered."""

    chat_id: int
    name: str = ""
    lang: str = ""
    username: str = ""
    blocked: bool = False
    messages: dict[int, ChatMessage] = field(default_factory=dict)
    activity: int = 0
    toast: dict[str, Any] | None = None


@dataclass(slots=True)
class Query:
    """A button that was pressed, and the bot's answer to it once there is one."""

    query_id: str
    chat_id: int
    message_id: int
    data: str
    answer: dict[str, Any] | None = None


@dataclass(slots=True)
class Webhook:
    """Where updates go, and how it went last."""

    url: str
    secret_token: str = ""
    max_connections: int = MAX_CONNECTIONS
    last_error: datetime | None = None
    last_error_message: str = ""


@dataclass(slots=True)
class Bot:
    """One bot, known by its token."""

    token: str
    bot_id: int
    username: str
    first_name: str = ""
    retry_ms: int = 100
    chats: dict[int, Chat] = field(default_factory=dict)
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    allowed_updates: list[str] = field(default_factory=list)
    queries: dict[str, Query] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    webhook: Webhook | None = None
    webhook_log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=1000))
    next_update_id: int = FIRST_UPDATE_ID
    last_message_id: int = 0
    files: dict[str, SandboxFile] = field(default_factory=dict)
    poll: asyncio.Future[str] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    pump: asyncio.Task[None] | None = None

    def new_message_id(self) -> int:
        """Return the next message id; they rise over all chats of the bot."""
        self.last_message_id += 1
        return self.last_message_id

    def as_user(self) -> dict[str, Any]:
        """Return the bot as a Telegram `User`."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.first_name or self.username,
            "username": self.username,
        }

    def retire(self) -> None:
        """Stop what runs for this bot."""
        if self.pump is not None:
            self.pump.cancel()
        if self.poll is not None and not self.poll.done():
            self.poll.set_result("retired")


def new_bot(token: str) -> Bot:
    """Return a bot as it is at its first use; its id is the number in front of the token's colon."""
    bot_id = int(token.partition(":")[0])
    return Bot(token, bot_id, f"sandbox_{bot_id}_bot")


def new_query_id() -> str:
    """Return a fresh callback query id."""
    return str(secrets.randbits(62))


def user_of(chat: Chat) -> dict[str, Any]:
    """Return the person of a chat as a Telegram `User`."""
    user: dict[str, Any] = {"id": chat.chat_id, "is_bot": False, "first_name": chat.name or str(chat.chat_id)}
    if chat.username:
        user["username"] = chat.username
    if chat.lang:
        user["language_code"] = chat.lang
    return user


def chat_of(chat: Chat) -> dict[str, Any]:
    """Return a chat as a Telegram `Chat`."""
    shown: dict[str, Any] = {"id": chat.chat_id, "first_name": chat.name or str(chat.chat_id), "type": "private"}
    if chat.username:
        shown["username"] = chat.username
    return shown


def message_of(bot: Bot, chat: Chat, message: ChatMessage) -> dict[str, Any]:
    """Return a message as a Telegram `Message`."""
    shown: dict[str, Any] = {
        "message_id": message.message_id,
        "from": bot.as_user() if message.from_bot else user_of(chat),
        "chat": chat_of(chat),
        "date": int(message.date.timestamp()),
    }
    if message.file is not None:
        shown |= message.file.in_message() | ({"caption": message.text} if message.text else {})
    else:
        shown["text"] = message.text
    if message.album:
        shown["media_group_id"] = message.album
    if message.forward:
        shown["forward_origin"] = message.forward
    if message.edited:
        shown["edit_date"] = int(message.edited.timestamp())
    if message.entities:
        shown["caption_entities" if message.file is not None else "entities"] = message.entities
    if message.reply_markup and "inline_keyboard" in message.reply_markup:
        shown["reply_markup"] = message.reply_markup
    replied = chat.messages.get(message.reply_to or 0)
    if replied is not None:
        shown["reply_to_message"] = (
            message_of(bot, chat, replied) if replied.reply_to is None else _bare(bot, chat, replied)
        )
    return shown


def _bare(bot: Bot, chat: Chat, message: ChatMessage) -> dict[str, Any]:
    shown = message_of(bot, chat, ChatMessage(0, message.chat_id, message.from_bot, message.text, message.date))
    return shown | {"message_id": message.message_id}

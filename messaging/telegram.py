"""Chat by Telegram's Bot API: sending, editing, answering presses, updates. Only this module imports `telegram`.

The library runs on our own HTTP request: its own costs five times as much and hides whether anything was written.
Sources: Bot API (sendMessage, editMessageText, answerCallbackQuery, getUpdates, setWebhook, making requests).
"""

import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import structlog
from telegram import (
    Bot,
    BotCommand,
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
    User,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError
from telegram.request import BaseRequest, RequestData

from messaging import http_call, telegram_files
from messaging.channel import TELEGRAM, Arrival, Buttons, FileRefused, Outgoing, Result
from messaging.http_call import NotWritten, Throttled, Unclear
from models.states import Outcome

log = structlog.get_logger()

HOST: Final = "https://api.telegram.org"
RATE: Final = 25.0  # the Bot API's broadcast limit is 30 a second
POLL_SECONDS: Final = 25
POLL_BYTES: Final = 8 * 1024 * 1024
MOST_DELETED: Final = 100
MOST_UPDATE_ID: Final = 2**63
ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")
_GONE: Final = ("user is deactivated", "can't initiate conversation", "chat not found", "user not found")


@dataclass(frozen=True)
class TelegramSettings:
    """How to reach Telegram. `mode` is webhook or polling, `rate` in messages a second.

    `time_limit`: seconds for one call. Updates are only taken at the webhook with a `webhook_secret`.
    """

    token: str = field(repr=False)
    api_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    mode: str = "webhook"
    rate: float = RATE
    time_limit: float = http_call.TOTAL_SECONDS


@dataclass(frozen=True, slots=True)
class Webhook:
    """What Telegram says about the webhook: its URL, "" where none is set, and how many updates wait for it."""

    url: str
    pending: int
    last_error_at: datetime | None


class _Carried(TelegramError):
    """Takes what `http_call` raised through the library unchanged."""

    def __init__(self, cause: NotWritten | Unclear | Throttled) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


class _Request(BaseRequest):
    """The library's HTTP request: our session, one time limit, no retries."""

    __slots__ = ("_most_bytes", "_seconds", "_session")

    def __init__(self, session: aiohttp.ClientSession, seconds: float, most_bytes: int) -> None:
        self._session, self._seconds, self._most_bytes = session, seconds, most_bytes

    @property
    def read_timeout(self) -> float:
        """The time limit in seconds."""
        return self._seconds

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Return the answer's object; the library would log what it cannot read, with whatever it holds."""
        try:
            data = json.loads(payload)
        except (ValueError, RecursionError):
            raise TelegramError("unreadable answer") from None
        if not isinstance(data, dict):
            raise TelegramError("unreadable answer")
        return data

    async def initialize(self) -> None:
        """Nothing: the session is opened and closed by who made it."""

    async def shutdown(self) -> None:
        """Nothing, as above."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_limits: Any, **_more_limits: Any
    ) -> tuple[int, bytes]:
        """Do one request; return status and body."""
        data = request_data.json_parameters if request_data else None
        try:
            answer = await http_call.call(
                self._session, method, url, seconds=self._seconds, most_bytes=self._most_bytes, form=data
            )
        except Throttled as error:
            raise _Carried(Throttled(_told_to_wait(error.body) or error.retry_after)) from None
        except (NotWritten, Unclear) as error:
            raise _Carried(error) from None
        return answer.status, answer.body


def _told_to_wait(body: bytes) -> float | None:
    try:
        return http_call.seconds_to_wait(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


class TelegramChat:
    """The chat channel of one bot."""

    name = TELEGRAM

    def __init__(self, settings: TelegramSettings, session: aiohttp.ClientSession) -> None:
        self.settings = settings
        base, files = (http_call.redirect(f"{HOST}{path}/bot", settings.api_url) for path in ("", "/file"))
        self._session = session
        request = _Request(session, settings.time_limit, http_call.MOST_BYTES)
        self._poll = _Request(session, POLL_SECONDS + settings.time_limit, POLL_BYTES)
        self._bot = Bot(
            settings.token, base_url=base, base_file_url=files, request=request, get_updates_request=self._poll
        )

    async def send(self, outgoing: Outgoing) -> Result:
        """Answer the press where there is one, then send the text, or put it in place of an earlier message.

        An empty text only answers the press. That a press is too old to be answered harms nothing. What is to be
        deleted goes first; that may be repeated, so its failure leaves all for another try.
        """
        if outgoing.deletes and not await self._delete(outgoing):
            return Result(Outcome.NOT_SENT, code="not_deleted")
        if outgoing.answers_press:
            answered = await self._try(self._answer(outgoing.answers_press))
            stopped = answered.outcome in (Outcome.NOT_SENT, Outcome.THROTTLED)
            if stopped or not outgoing.text:
                return answered
        return await self._try(self._say(outgoing))

    async def _delete(self, outgoing: Outgoing) -> bool:
        """Take messages of a chat away, 100 at a time; those that are gone or too old are passed over."""
        ids = [int(each) for each in outgoing.deletes]
        for start in range(0, len(ids), MOST_DELETED):
            try:
                await self._bot.delete_messages(outgoing.to, ids[start : start + MOST_DELETED])
            except BadRequest:
                continue
            except TelegramError:
                return False
        return True

    async def fetch(self, file_id: str, most_bytes: int) -> bytes:
        """Return a file that somebody sent. Raises FileRefused, NotWritten, Unclear or Throttled, and nothing else."""
        try:
            found = await self._bot.get_file(file_id)
        except _Carried as error:
            raise error.cause from None
        except BadRequest as error:
            too_large = "too big" in error.message.lower()
            raise FileRefused(FileRefused.TOO_LARGE if too_large else FileRefused.GONE) from None
        except Exception as error:  # an answer that the library cannot read, a token that is refused now
            raise Unclear(type(error).__name__) from None
        if not isinstance(found.file_path, str) or not found.file_path.startswith(self._bot.base_file_url):
            raise Unclear("no_path")
        return await telegram_files.download(self._session, found.file_path, most_bytes)

    async def _answer(self, press_id: str) -> Result:
        await self._bot.answer_callback_query(press_id)
        return Result(Outcome.ACCEPTED)

    async def _say(self, outgoing: Outgoing) -> Result:
        keyboard = _keyboard(outgoing.buttons)
        plain = LinkPreviewOptions(is_disabled=True)
        if outgoing.edits_provider_id:
            said = await self._bot.edit_message_text(
                outgoing.text,
                chat_id=outgoing.to,
                message_id=int(outgoing.edits_provider_id),
                reply_markup=keyboard,
                link_preview_options=plain,
            )
        else:
            said = await self._bot.send_message(
                outgoing.to, outgoing.text, reply_markup=keyboard, link_preview_options=plain
            )
        if not isinstance(said, Message) or not isinstance(said.message_id, int):
            return Result(Outcome.UNKNOWN, code="no_id")
        return Result(Outcome.ACCEPTED, provider_id=str(said.message_id))

    async def _try(self, call: Awaitable[Result]) -> Result:
        """Await a call and return its outcome; whatever the answer was, nothing is raised."""
        try:
            return await call
        except _Carried as error:
            return _carried(error.cause)
        except (BadRequest, Forbidden, InvalidToken, ChatMigrated) as error:
            return refusal(error)
        except Exception as error:  # an answer that the library cannot read: the message may be out
            log.warning("telegram.strange_answer", kind=type(error).__name__)
            return Result(Outcome.UNKNOWN, code="strange_answer")

    async def get_updates(self, offset: int | None, wait: int = POLL_SECONDS) -> list[dict[str, Any]]:
        """Wait so many seconds for updates; `offset` confirms all before it.

        Raises NotWritten, Unclear or Throttled.
        """
        asked = {"timeout": wait, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        if offset is not None:
            asked["offset"] = offset
        try:
            updates: Any = await self._poll.post(f"{self._bot.base_url}/getUpdates?{urlencode(asked)}")
        except _Carried as error:
            raise error.cause from None
        except (TelegramError, KeyError) as error:
            raise Unclear(type(error).__name__) from None
        if not isinstance(updates, list):
            raise Unclear("strange_answer")
        return [update for update in updates if isinstance(update, dict)]

    async def use_webhook(self, url: str) -> bool:
        """Let Telegram post updates to the URL with our secret; False where it could not be told now."""
        secret = self.settings.webhook_secret or None
        return await self._told(
            self._bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=20)
        )

    async def webhook(self) -> Webhook:
        """Return what Telegram says about the webhook. Raises NotWritten, Unclear or Throttled."""
        try:
            info = await self._bot.get_webhook_info()
            return Webhook(str(info.url), int(info.pending_update_count), info.last_error_date)
        except _Carried as error:
            raise error.cause from None
        except Exception as error:  # an answer that the library cannot read
            raise Unclear(type(error).__name__) from None

    async def use_polling(self) -> bool:
        """Take the webhook away, keeping what waits; False where it could not be told now."""
        return await self._told(self._bot.delete_webhook())

    async def set_commands(self, commands: Sequence[tuple[str, str]], language_code: str | None = None) -> bool:
        """Set the menu of (command, description), for one ISO 639-1 language or all others; False as above."""
        menu = [BotCommand(command, description) for command, description in commands]
        return await self._told(self._bot.set_my_commands(menu, language_code=language_code))

    async def _told(self, call: Awaitable[Any]) -> bool:
        try:
            await call
        except TelegramError as error:
            log.warning("telegram.not_told", kind=type(error).__name__)
            return False
        return True


def _carried(cause: NotWritten | Unclear | Throttled) -> Result:
    match cause:
        case NotWritten():
            return Result(Outcome.NOT_SENT, code=str(cause))
        case Throttled():
            return Result(Outcome.THROTTLED, code=str(cause), retry_after=cause.retry_after)
        case _:
            return Result(Outcome.UNKNOWN, code=str(cause))


def refusal(error: TelegramError) -> Result:
    """Return what a refusal means. A wrong token (401, 404) is a fault of the lane: its messages wait, at no cost."""
    said = error.message.lower()
    if isinstance(error, InvalidToken):
        return Result(Outcome.THROTTLED, code="token_refused")
    if "message is not modified" in said:
        return Result(Outcome.ACCEPTED, code="not_modified")
    gone = isinstance(error, ChatMigrated) or any(words in said for words in _GONE)
    if isinstance(error, Forbidden):
        return Result(Outcome.REJECTED, code="403", opted_out=not gone, bad_address=gone)
    return Result(Outcome.REJECTED, code="400", bad_address=gone)


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(button.label, callback_data=button.data) for button in row] for row in buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def parse_update(data: Mapping[str, Any]) -> Arrival | None:
    """Return what an update says; None for what is not for us (groups, channels, bots, edits, other kinds).

    Raises ValueError where it is no update.
    """
    update_id = data.get("update_id")
    if type(update_id) is not int or not 0 <= update_id < MOST_UPDATE_ID:
        raise ValueError("no update id")
    try:
        arrival = _arrival(Update.de_json(dict(data), None))
    except Exception as error:
        raise ValueError(type(error).__name__) from None
    if arrival is not None and not _is_sound(arrival):
        raise ValueError("fields of another kind")
    return arrival


def _arrival(update: Update) -> Arrival | None:
    if update.message is not None:
        return _from_message(update.update_id, update.message)
    if update.callback_query is not None:
        return _from_press(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _from_membership(update.update_id, update.my_chat_member)
    return None


def _is_sound(arrival: Arrival) -> bool:
    """The library does not check the kinds of what it reads."""
    given = (arrival.press_id, arrival.about_provider_id, arrival.message_id)
    ids = (arrival.identity, *(each or "0" for each in given))
    short = all(isinstance(each, str) and each.isascii() and each.isprintable() and len(each) <= 64 for each in ids)
    return short and (arrival.text is None or isinstance(arrival.text, str)) and arrival.identity.isdecimal()


def _is_personal(chat: Chat, user: User | None) -> bool:
    return bool(chat.type == Chat.PRIVATE and user is not None and not user.is_bot)


def _from_message(update_id: int, message: Message) -> Arrival | None:
    if not _is_personal(message.chat, message.from_user):
        return None
    about, files = message.reply_to_message, telegram_files.files_of(message)
    return Arrival(
        channel=TELEGRAM,
        provider_id=str(update_id),
        identity=str(message.chat.id),
        kind="text" if message.text else "file" if files else "other",
        text=message.text or message.caption,
        about_provider_id=str(about.message_id) if about is not None else None,
        lang=_language(message.from_user),
        message_id=str(message.message_id),
        files=files,
        album=telegram_files.album_of(message),
        forwarded_at=telegram_files.forwarded_at(message),
    )


def _from_press(update_id: int, query: CallbackQuery) -> Arrival | None:
    if query.message is None or not _is_personal(query.message.chat, query.from_user):
        return None
    return Arrival(
        channel=TELEGRAM,
        provider_id=str(update_id),
        identity=str(query.message.chat.id),
        kind="press",
        text=query.data,
        press_id=query.id,
        about_provider_id=str(query.message.message_id),
        lang=_language(query.from_user),
    )


def _from_membership(update_id: int, change: ChatMemberUpdated) -> Arrival | None:
    if not _is_personal(change.chat, change.from_user):
        return None
    return Arrival(
        channel=TELEGRAM,
        provider_id=str(update_id),
        identity=str(change.chat.id),
        kind="other",
        opt="in" if change.new_chat_member.status == "member" else "out",
        lang=_language(change.from_user),
    )


def _language(user: User | None) -> str | None:
    code = (user.language_code or "").lower() if user is not None else ""
    if code.startswith("zh"):
        return "zh-Hant" if any(part in code for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    return "en" if code.startswith("en") else None

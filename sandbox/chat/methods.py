"""The Bot API methods about messages."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sandbox.chat.files import MOST_DOWNLOAD
from sandbox.chat.keyboard import read_markup
from sandbox.chat.markup import parse_text
from sandbox.chat.model import Bot, Chat, ChatMessage, message_of
from sandbox.chat.params import Params
from sandbox.chat.refusals import BLOCKED, CHAT_NOT_FOUND, TelegramRefusal, bad_request
from sandbox.chat.updates import delete_webhook, get_updates, set_webhook, webhook_info
from sandbox.ledger import Entry
from sandbox.world import World

MAX_TEXT = 4096
MAX_DELETED = 100
DELETED_WITHIN = timedelta(hours=48)
Method = Callable[[World, Bot, Params], Awaitable[Any]]


def _chat(bot: Bot, params: Params) -> Chat:
    if not params.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = bot.chats.get(params.number("chat_id", 0, CHAT_NOT_FOUND))
    if chat is None:
        raise bad_request(CHAT_NOT_FOUND)
    if chat.blocked:
        raise TelegramRefusal(403, BLOCKED)
    return chat


def _text(params: Params) -> tuple[str, list[dict[str, Any]]]:
    given = params.data("entities", "can't parse entities JSON object")
    text, entities = parse_text(params.text("text"), params.text("parse_mode"))
    if not text.strip():
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities or given or []


def _touch(world: World, bot: Bot, chat: Chat) -> None:
    chat.activity = world.changes.mark(world.bot_chat_key(bot.token, chat.chat_id))


async def _get_me(world: World, bot: Bot, params: Params) -> Any:
    return bot.as_user() | {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def _send_message(world: World, bot: Bot, params: Params) -> Any:
    chat = _chat(bot, params)
    text, entities = _text(params)
    message = ChatMessage(
        message_id=bot.new_message_id(),
        chat_id=chat.chat_id,
        from_bot=True,
        text=text,
        date=world.clock.now(),
        entities=entities,
        reply_markup=read_markup(params),
        reply_to=_reply_to(params, chat),
    )
    chat.messages[message.message_id] = message
    _enter(world, bot, message, params)
    _touch(world, bot, chat)
    return message_of(bot, chat, message)


def _reply_to(params: Params, chat: Chat) -> int | None:
    asked = params.data("reply_parameters", "can't parse reply parameters JSON object") or {}
    number = asked.get("message_id") if isinstance(asked, dict) else None
    if number is None:
        return None
    if number not in chat.messages and not asked.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return int(number)


def _enter(world: World, bot: Bot, message: ChatMessage, params: Params) -> None:
    entry = Entry(
        seq=0,
        id=str(message.message_id),
        provider="telegram",
        owner=bot.token,
        to=str(message.chat_id),
        text=message.text,
        accepted=message.date,
        segments=1,
        message=message,
    )
    entry.requests.append({"method": "sendMessage", "at": entry.accepted_at, "params": params.values})
    world.ledger.append(entry)


def _note(world: World, bot: Bot, method: str, message: ChatMessage, params: Params) -> None:
    entry = world.ledger.find(bot.token, str(message.message_id))
    if entry is not None:
        at = world.clock.now().isoformat(timespec="microseconds")
        entry.requests.append({"method": method, "at": at, "params": params.values})


def _own_message(chat: Chat, params: Params) -> ChatMessage:
    message = chat.messages.get(params.number("message_id", 0))
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _edit(
    world: World,
    bot: Bot,
    chat: Chat,
    message: ChatMessage,
    text: str,
    entities: list[dict[str, Any]],
    markup: dict[str, Any] | None,
) -> dict[str, Any]:
    if (text, entities, markup) == (message.text, message.entities, message.reply_markup):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    message.text, message.entities, message.reply_markup = text, entities, markup
    message.edited = world.clock.now()
    _touch(world, bot, chat)
    return message_of(bot, chat, message)


async def _edit_text(world: World, bot: Bot, params: Params) -> Any:
    chat = _chat(bot, params)
    message = _own_message(chat, params)
    text, entities = _text(params)
    shown = _edit(world, bot, chat, message, text, entities, read_markup(params))
    _note(world, bot, "editMessageText", message, params)
    return shown


async def _edit_markup(world: World, bot: Bot, params: Params) -> Any:
    chat = _chat(bot, params)
    message = _own_message(chat, params)
    shown = _edit(world, bot, chat, message, message.text, message.entities, read_markup(params))
    _note(world, bot, "editMessageReplyMarkup", message, params)
    return shown


async def _delete_message(world: World, bot: Bot, params: Params) -> Any:
    chat = _chat(bot, params)
    message = chat.messages.get(params.number("message_id", 0))
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    if not _may_delete(world, message):
        raise bad_request("message can't be deleted for everyone")
    _delete(world, bot, message, params)
    _touch(world, bot, chat)
    return True


async def _delete_messages(world: World, bot: Bot, params: Params) -> Any:
    """Delete up to 100 at once; those that are gone, or too old, are passed over."""
    chat = _chat(bot, params)
    ids = params.data("message_ids", "can't parse message identifiers JSON object")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_DELETED:
        raise bad_request("message identifiers are not specified")
    for message in (chat.messages.get(each) for each in ids):
        if message is not None and not message.deleted and _may_delete(world, message):
            _delete(world, bot, message, params)
    _touch(world, bot, chat)
    return True


def _may_delete(world: World, message: ChatMessage) -> bool:
    """In a private chat a bot deletes what either side sent in the last 48 hours."""
    return world.clock.now() - message.date < DELETED_WITHIN


def _delete(world: World, bot: Bot, message: ChatMessage, params: Params) -> None:
    message.deleted = True
    _note(world, bot, "deleteMessage", message, params)


async def _get_file(world: World, bot: Bot, params: Params) -> Any:
    file = bot.files.get(params.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.said_size > MOST_DOWNLOAD:
        raise bad_request("file is too big")
    return file.described()


async def _answer_callback_query(world: World, bot: Bot, params: Params) -> Any:
    query = bot.queries.get(params.text("callback_query_id"))
    if query is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.answer = {"text": params.text("text"), "show_alert": params.flag("show_alert")}
    chat = bot.chats[query.chat_id]
    chat.toast = {**query.answer, "query_id": query.query_id} if query.answer["text"] else None
    _touch(world, bot, chat)
    return True


async def _send_chat_action(world: World, bot: Bot, params: Params) -> Any:
    _chat(bot, params)
    if not params.text("action"):
        raise bad_request("wrong parameter action in request")
    return True


async def _get_chat(world: World, bot: Bot, params: Params) -> Any:
    chat = _chat(bot, params)
    return {
        "id": chat.chat_id,
        "type": "private",
        "first_name": chat.name or str(chat.chat_id),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }


def _scope_key(params: Params) -> tuple[str, str]:
    scope = params.data("scope", "can't parse BotCommandScope JSON object") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: object expected")
    return f"{scope.get('type', 'default')}:{scope.get('chat_id', '')}", params.text("language_code")


async def _set_my_commands(world: World, bot: Bot, params: Params) -> Any:
    commands = params.data("commands", "can't parse commands JSON object")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: array expected")
    for command in commands:
        name = command.get("command", "") if isinstance(command, dict) else ""
        if not 1 <= len(name) <= 32 or not name.replace("_", "").isalnum() or name != name.lower():
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad_request("command description is invalid")
    bot.commands[_scope_key(params)] = commands
    return True


async def _get_my_commands(world: World, bot: Bot, params: Params) -> Any:
    return bot.commands.get(_scope_key(params), [])


async def _delete_my_commands(world: World, bot: Bot, params: Params) -> Any:
    bot.commands.pop(_scope_key(params), None)
    return True


async def _webhook_info(world: World, bot: Bot, params: Params) -> Any:
    return webhook_info(bot)


async def _true(world: World, bot: Bot, params: Params) -> Any:
    return True


METHODS: dict[str, Method] = {
    "getMe": _get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": _webhook_info,
    "sendMessage": _send_message,
    "editMessageText": _edit_text,
    "editMessageReplyMarkup": _edit_markup,
    "deleteMessage": _delete_message,
    "deleteMessages": _delete_messages,
    "getFile": _get_file,
    "answerCallbackQuery": _answer_callback_query,
    "sendChatAction": _send_chat_action,
    "getChat": _get_chat,
    "setMyCommands": _set_my_commands,
    "getMyCommands": _get_my_commands,
    "deleteMyCommands": _delete_my_commands,
    "logOut": _true,
    "close": _true,
}
"""Every method that the sandbox speaks, as Telegram spells it; names are compared without case."""

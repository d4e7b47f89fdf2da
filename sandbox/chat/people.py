"""What a virtual person does in a chat: write, press, block. Each becomes an update."""

from typing import Any

from sandbox.chat.files import SandboxFile
from sandbox.chat.keyboard import find_button
from sandbox.chat.markup import command_entities
from sandbox.chat.model import Bot, Chat, ChatMessage, Query, chat_of, message_of, new_query_id, user_of
from sandbox.chat.updates import enqueue
from sandbox.world import World


def open_chat(bot: Bot, chat_id: int) -> Chat:
    """Return the person's chat with the bot; it exists from now on."""
    return bot.chats.setdefault(chat_id, Chat(chat_id))


def _touch(world: World, bot: Bot, chat: Chat) -> None:
    chat.activity = world.changes.mark(world.bot_chat_key(bot.token, chat.chat_id))


def write(
    world: World,
    bot: Bot,
    chat: Chat,
    text: str,
    update_id: int | None = None,
    *,
    file: SandboxFile | None = None,
    album: str = "",
    forward: dict[str, Any] | None = None,
) -> tuple[int, int]:
    """Write to the bot, or send it a file; return the ids of update and message. That lifts a block.

    `forward` is the origin of a message that is passed on, as the Bot API describes it.
    """
    if chat.blocked:
        block(world, bot, chat, False)
    message = ChatMessage(
        message_id=bot.new_message_id(),
        chat_id=chat.chat_id,
        from_bot=False,
        text=text,
        date=world.clock.now(),
        entities=command_entities(text),
        file=file,
        album=album,
        forward=forward,
    )
    if file is not None:
        bot.files[file.file_id] = file
    chat.messages[message.message_id] = message
    number = enqueue(world, bot, {"message": message_of(bot, chat, message)}, update_id)
    _touch(world, bot, chat)
    return number, message.message_id


def repeat(world: World, bot: Bot, chat: Chat, message_id: int, update_id: int) -> int:
    """Deliver a message of the person once more under an update id; raises KeyError when there is none."""
    message = chat.messages[message_id]
    return enqueue(world, bot, {"message": message_of(bot, chat, message)}, update_id)


def press(
    world: World, bot: Bot, chat: Chat, message_id: int, *, data: str | None, label: str | None
) -> tuple[int, str] | None:
    """Press a button of a message; return the ids of update and query, None when there is no such button."""
    message = chat.messages.get(message_id)
    button = None if message is None or message.deleted else find_button(message.reply_markup, data, label)
    if message is None or button is None or button.get("callback_data") is None:
        return None
    query = Query(new_query_id(), chat.chat_id, message_id, button["callback_data"])
    bot.queries[query.query_id] = query
    content: dict[str, Any] = {
        "id": query.query_id,
        "from": user_of(chat),
        "message": message_of(bot, chat, message),
        "chat_instance": str(chat.chat_id * 7919),
        "data": query.data,
    }
    chat.toast = None
    number = enqueue(world, bot, {"callback_query": content})
    _touch(world, bot, chat)
    return number, query.query_id


def block(world: World, bot: Bot, chat: Chat, blocked: bool) -> int | None:
    """Block the bot or let it in again; return the update's id, None when nothing changed."""
    if chat.blocked == blocked:
        return None
    chat.blocked = blocked
    content = {
        "chat": chat_of(chat),
        "from": user_of(chat),
        "date": int(world.clock.now().timestamp()),
        "old_chat_member": _member(bot, not blocked),
        "new_chat_member": _member(bot, blocked),
    }
    number = enqueue(world, bot, {"my_chat_member": content})
    _touch(world, bot, chat)
    return number


def _member(bot: Bot, blocked: bool) -> dict[str, Any]:
    if blocked:
        return {"user": bot.as_user(), "status": "kicked", "until_date": 0}
    return {"user": bot.as_user(), "status": "member"}

"""Bots and virtual people."""

from typing import Any

from aiohttp import web

from sandbox.chat.files import SandboxFile, new_file
from sandbox.chat.model import Bot, Chat, ChatMessage
from sandbox.chat.people import block, open_chat, press, repeat, write
from sandbox.control.body import Body, Unusable, bot_made, bot_named, chat_named, number_in_path, read_body
from sandbox.world import WORLD


def _shown_bot(bot: Bot) -> dict[str, Any]:
    return {
        "id": bot.bot_id,
        "username": bot.username,
        "name": bot.first_name,
        "retry_ms": bot.retry_ms,
        "next_update_id": bot.next_update_id,
        "webhook": bot.webhook.url if bot.webhook else "",
        "pending": len(bot.updates),
        "commands": [
            {"scope": scope.rstrip(":"), "language_code": lang, "commands": commands}
            for (scope, lang), commands in bot.commands.items()
        ],
        "webhooks": list(bot.webhook_log),
    }


async def put_bot(request: web.Request) -> web.Response:
    """Make a bot or change what is given."""
    body = await read_body(request, {"username", "name", "retry_ms", "next_update_id"})
    bot = bot_made(request.app[WORLD], request.match_info["token"])
    bot.username = body.text("username", bot.username)
    bot.first_name = body.text("name", bot.first_name)
    bot.retry_ms = body.number("retry_ms", bot.retry_ms)
    bot.next_update_id = body.number("next_update_id", bot.next_update_id)
    return web.json_response(_shown_bot(bot))


async def get_bot(request: web.Request) -> web.Response:
    """Show a bot, its commands and the log of its webhook."""
    return web.json_response(_shown_bot(bot_named(request.app[WORLD], request.match_info["token"])))


def shown_chat_message(message: ChatMessage) -> dict[str, Any]:
    """Return a message as the person sees it; `direction` is seen from the person."""
    return {
        "message_id": message.message_id,
        "direction": "in" if message.from_bot else "out",
        "text": message.text,
        "file": message.file.sort if message.file is not None else None,
        "entities": message.entities,
        "at": message.date.isoformat(timespec="milliseconds"),
        "edited": message.edited is not None,
        "reply_markup": message.reply_markup,
        "status": message.status,
    }


def shown_chat(bot: Bot, chat: Chat) -> dict[str, Any]:
    """Return a chat without its messages."""
    return {
        "chat_id": chat.chat_id,
        "bot": str(bot.bot_id),
        "name": chat.name,
        "lang": chat.lang,
        "blocked": chat.blocked,
        "toast": chat.toast,
    }


async def put_chat(request: web.Request) -> web.Response:
    """Register a person's chat, as if they had started the bot; changes what is given."""
    world = request.app[WORLD]
    body = await read_body(request, {"bot", "name", "lang", "username"})
    bot = bot_made(world, body.text("bot"))
    chat = open_chat(bot, number_in_path(request.match_info["chat"]))
    chat.name = body.text("name", chat.name)
    chat.lang = body.text("lang", chat.lang)
    chat.username = body.text("username", chat.username)
    world.changes.mark(world.bot_chat_key(bot.token, chat.chat_id))
    return web.json_response(shown_chat(bot, chat))


async def get_chats(request: web.Request) -> web.Response:
    """List the chats of a bot, or of all."""
    world = request.app[WORLD]
    named = request.query.get("bot")
    bots = [bot_named(world, named)] if named else list(world.bots.values())
    return web.json_response([shown_chat(bot, chat) for bot in bots for chat in bot.chats.values()])


async def get_chat(request: web.Request) -> web.Response:
    """Show a chat with its messages in order; deleted ones are left out unless `deleted=1`."""
    bot = bot_named(request.app[WORLD], request.query.get("bot"))
    chat = chat_named(bot, request.match_info["chat"])
    everything = request.query.get("deleted") == "1"
    messages = [shown_chat_message(m) for m in chat.messages.values() if everything or not m.deleted]
    return web.json_response(shown_chat(bot, chat) | {"messages": messages})


async def send_to_bot(request: web.Request) -> web.Response:
    """Write to the bot, send it a file, pass a message on; with `message_id` and `update_id` an earlier one again."""
    world = request.app[WORLD]
    body = await read_body(request, {"bot", "text", "update_id", "message_id", "file", "album", "forward"})
    bot = bot_named(world, body.maybe_text("bot"))
    chat = open_chat(bot, number_in_path(request.match_info["chat"]))
    update_id, message_id = body.maybe_number("update_id"), body.maybe_number("message_id")
    if message_id is None:
        file = _file(body) if body.has("file") else None
        text = body.text("text", "" if file is not None else None)
        album, forward = body.text("album", ""), _forward(body) if body.has("forward") else None
        number, message_id = write(world, bot, chat, text, update_id, file=file, album=album, forward=forward)
        return web.json_response({"update_id": number, "message_id": message_id})
    if message_id not in chat.messages:
        raise Unusable("no such message", 404)
    number = repeat(world, bot, chat, message_id, body.number("update_id"))
    return web.json_response({"update_id": number, "message_id": message_id})


def _file(body: Body) -> SandboxFile:
    part = body.part("file")
    named = (part.text("name", ""), part.text("mime", ""), part.text("lasting", ""))
    try:
        return new_file(part.text("sort"), part.text("data", ""), *named, part.maybe_number("size"))
    except ValueError as problem:
        raise Unusable(f"file: {problem}") from None


def _forward(body: Body) -> dict[str, Any]:
    """The origin of a message that is passed on: a person who shows only his name, at a moment of unix time."""
    part = body.part("forward")
    return {"type": "hidden_user", "sender_user_name": part.text("name", "?"), "date": part.number("date")}


async def press_button(request: web.Request) -> web.Response:
    """Press an inline button, by `data` or by `label`; without `message_id` in the newest message that has it."""
    world = request.app[WORLD]
    body = await read_body(request, {"bot", "message_id", "data", "label"})
    bot = bot_named(world, body.maybe_text("bot"))
    chat = chat_named(bot, request.match_info["chat"])
    data, label, given = body.maybe_text("data"), body.maybe_text("label"), body.maybe_number("message_id")
    if data is None and label is None:
        raise Unusable("data or label is needed")
    for message_id in [given] if given is not None else reversed(list(chat.messages)):
        pressed = press(world, bot, chat, message_id, data=data, label=label)
        if pressed is not None:
            return web.json_response(
                {"update_id": pressed[0], "callback_query_id": pressed[1], "message_id": message_id}
            )
    raise Unusable("no such button", 404)


async def get_query(request: web.Request) -> web.Response:
    """Show how the bot answered a pressed button; `answer` is null until it did."""
    bot = bot_named(request.app[WORLD], request.query.get("bot"))
    query = bot.queries.get(request.match_info["query"])
    if query is None:
        raise Unusable("no such query", 404)
    return web.json_response({"message_id": query.message_id, "data": query.data, "answer": query.answer})


async def block_bot(request: web.Request) -> web.Response:
    """Block the bot, or let it in again."""
    world = request.app[WORLD]
    body = await read_body(request, {"bot", "blocked"})
    bot = bot_named(world, body.maybe_text("bot"))
    chat = chat_named(bot, request.match_info["chat"])
    update_id = block(world, bot, chat, body.flag("blocked", True))
    return web.json_response({"blocked": chat.blocked, "update_id": update_id})


def routes() -> list[web.RouteDef]:
    """Return the routes about bots and chats."""
    api = "/sandbox/api"
    return [
        web.put(f"{api}/telegram/bots/{{token}}", put_bot),
        web.get(f"{api}/telegram/bots/{{token}}", get_bot),
        web.get(f"{api}/telegram/queries/{{query}}", get_query),
        web.get(f"{api}/chats", get_chats),
        web.put(f"{api}/chats/{{chat}}", put_chat),
        web.get(f"{api}/chats/{{chat}}", get_chat),
        web.post(f"{api}/chats/{{chat}}/send", send_to_bot),
        web.post(f"{api}/chats/{{chat}}/press", press_button),
        web.post(f"{api}/chats/{{chat}}/block", block_bot),
    ]

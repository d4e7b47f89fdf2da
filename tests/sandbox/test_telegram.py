"""The real python-telegram-bot against the sandbox."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken
from telegram.request import HTTPXRequest

from tests.sandbox.conftest import Api, Listener, wait_until

CHAT = 900000001
KEYS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("收到", callback_data="ack"), InlineKeyboardButton("不", callback_data="no")]]
)


def make_bot(api: Api, token: str) -> Bot:
    requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]  # saves loading certificates
    return Bot(token, base_url=f"{api.url}/bot", request=requests[0], get_updates_request=requests[1])


@pytest.fixture
async def bot(api: Api) -> AsyncIterator[Bot]:
    async with make_bot(api, api.bot) as bot:
        yield bot


@pytest.fixture
async def chat(api: Api) -> int:
    await api.call("PUT", f"chats/{CHAT}", {"bot": api.bot, "name": "晏清澜", "lang": "zh-hans"})
    return CHAT


async def write(api: Api, text: str, **besides: Any) -> Any:
    return await api.call("POST", f"chats/{CHAT}/send", {"bot": api.bot, "text": text, **besides})


async def messages(api: Api) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = (await api.call("GET", f"chats/{CHAT}?bot={api.bot}"))["messages"]
    return shown


async def test_the_bot_knows_itself(api: Api, bot: Bot) -> None:
    assert bot.username == "lianxin_bot"
    assert str(bot.id) == api.bot.partition(":")[0]


async def test_a_chat_exists_once_the_person_wrote(api: Api, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(CHAT, "hello")
    await write(api, "/start code")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start code"
    assert [e.type for e in update.message.entities] == ["bot_command"]
    sent = await bot.send_message(CHAT, "欢迎")
    assert sent.from_user is not None
    assert (sent.text, sent.from_user.id, sent.chat.id) == ("欢迎", bot.id, CHAT)
    assert await api.chat_ledger("to", "text", "status") == [[str(CHAT), "欢迎", "accepted"]]


async def test_texts_keyboards_and_replies(api: Api, bot: Bot, chat: int) -> None:
    sent = await bot.send_message(chat, "<b>说情</b>登记", parse_mode="HTML", reply_markup=KEYS)
    assert sent.reply_markup == KEYS
    assert (sent.text, sent.entities[0].type) == ("说情登记", "bold")
    reply = await bot.send_message(chat, "x", reply_to_message_id=sent.message_id)
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == sent.message_id


@pytest.mark.parametrize(
    ("text", "besides", "problem"),
    [
        (" \n", {}, "text is empty"),
        ("x" * 4097, {}, "too long"),
        ("<x>", {"parse_mode": "HTML"}, "Unsupported start tag"),
        ("x", {"parse_mode": "SGML"}, "unsupported parse_mode"),
        (
            "x",
            {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="é" * 33)]])},
            "BUTTON_DATA",
        ),
        ("x", {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("a")]])}, "Text buttons are unallowed"),
        ("x", {"reply_to_message_id": 77}, "to be replied not found"),
    ],
)
async def test_refused_texts(api: Api, bot: Bot, chat: int, text: str, besides: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){problem}"):
        await bot.send_message(chat, text, **besides)
    assert await api.chat_ledger("id") == []


async def test_a_pressed_button_is_answered_and_the_message_edited(api: Api, bot: Bot, chat: int) -> None:
    sent = await bot.send_message(chat, "收到请点按", reply_markup=KEYS)
    pressed = await api.call("POST", f"chats/{chat}/press", {"bot": api.bot, "label": "收到"})
    (update,) = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert (query.data, query.message and query.message.message_id) == ("ack", sent.message_id)
    assert await query.answer("谢谢", show_alert=True)
    shown = await api.call("GET", f"telegram/queries/{pressed['callback_query_id']}?bot={api.bot}")
    assert shown["answer"] == {"text": "谢谢", "show_alert": True}
    await query.edit_message_text("已收到")
    assert [(m["text"], m["edited"], m["reply_markup"]) for m in await messages(api)] == [("已收到", True, None)]
    with pytest.raises(BadRequest, match="not modified"):
        await query.edit_message_text("已收到")
    await query.edit_message_reply_markup(KEYS)
    ((requests,),) = await api.chat_ledger("requests")
    assert [r["method"] for r in requests] == ["sendMessage", "editMessageText", "editMessageReplyMarkup"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("1")
    await api.call("POST", f"chats/{chat}/press", {"bot": api.bot, "data": "none"}, expect=404)


async def test_what_cannot_be_edited_or_deleted(api: Api, bot: Bot, chat: int) -> None:
    own = (await write(api, "mine"))["message_id"]
    for call, problem in [
        (bot.edit_message_text("x", chat, own), "can't be edited"),
        (bot.edit_message_text("x", chat, 999), "to edit not found"),
        (bot.delete_message(chat, 999), "to delete not found"),
    ]:
        with pytest.raises(BadRequest, match=problem):
            await call
    sent = await bot.send_message(chat, "x")
    assert await bot.delete_message(chat, sent.message_id)
    assert [m["text"] for m in await messages(api)] == ["mine"]
    assert await api.chat_ledger("status") == [["deleted"]]


async def test_a_blocked_bot(api: Api, bot: Bot, chat: int) -> None:
    await api.call("POST", f"chats/{chat}/block", {"bot": api.bot, "blocked": True})
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat, "x")
    (update,) = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await write(api, "back again")
    assert (await bot.send_message(chat, "x")).text == "x"


async def test_updates_wait_until_they_are_confirmed(api: Api, bot: Bot, chat: int) -> None:
    for text in "abc":
        await write(api, text)
    first, second, third = await bot.get_updates()
    assert len(await bot.get_updates(limit=2)) == 2
    assert await bot.get_updates(offset=second.update_id) == (second, third)
    assert await bot.get_updates(offset=-1) == (third,)
    assert await bot.get_updates(offset=third.update_id + 1) == ()
    assert first.update_id + 2 == third.update_id


async def test_a_long_poll_ends_with_news(api: Api, bot: Bot, chat: int) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=8))
    await asyncio.sleep(0.1)
    await write(api, "news")
    assert [u.message and u.message.text for u in await poll] == ["news"]


async def test_only_one_may_poll(api: Api, bot: Bot, chat: int) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=8))
    await asyncio.sleep(0.2)
    async with make_bot(api, api.bot) as rival:
        second = asyncio.create_task(rival.get_updates(timeout=8))
        await _the_second_wins(api, first, second)


async def _the_second_wins(api: Api, first: asyncio.Task[Any], second: asyncio.Task[Any]) -> None:
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    await write(api, "x")
    assert len(await second) == 1


async def test_allowed_updates(api: Api, bot: Bot, chat: int) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await write(api, "not wanted")
    assert await bot.get_updates() == ()


async def test_update_ids_may_repeat_jump_and_fall(api: Api, bot: Bot, chat: int) -> None:
    sent = await write(api, "a")
    await write(api, "", update_id=sent["update_id"], message_id=sent["message_id"])
    await write(api, "b", update_id=5)
    await write(api, "c", update_id=sent["update_id"] + 1000)
    found = [(u.update_id - sent["update_id"], u.message and u.message.text) for u in await bot.get_updates()]
    assert found == [(0, "a"), (0, "a"), (5 - sent["update_id"], "b"), (1000, "c")]


async def test_a_webhook_keeps_order_over_refusals(api: Api, bot: Bot, chat: int, listener: Listener) -> None:
    listener.answers = [500, 403, 200]
    assert await bot.set_webhook(f"{listener.url}/hooks/telegram", secret_token="s-3_cret")
    for text in "abc":
        await write(api, text)
    heard = await listener.until(5)
    assert {h.headers["X-Telegram-Bot-Api-Secret-Token"] for h in heard} == {"s-3_cret"}
    updates = [Update.de_json(json.loads(h.body), bot) for h in heard]
    assert [u.message and u.message.text for u in updates] == ["a", "a", "a", "b", "c"]
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (f"{listener.url}/hooks/telegram", 0)
    assert info.last_error_message == "Wrong response from the webhook: 403 Forbidden"
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.get_updates() == ()


async def test_pending_updates_may_be_dropped(api: Api, bot: Bot, chat: int, listener: Listener) -> None:
    await write(api, "old")
    await bot.set_webhook(listener.url, drop_pending_updates=True)
    await write(api, "new")
    (heard,) = await listener.until(1)
    assert '"new"' in heard.body
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook(listener.url, secret_token="not allowed!")
    with pytest.raises(BadRequest, match="an https url"):
        await bot.set_webhook("ftp://x")


async def test_a_webhook_that_comes_back_gets_what_waited(api: Api, bot: Bot, chat: int, listener: Listener) -> None:
    await bot.set_webhook("http://127.0.0.1:9/")
    await write(api, "while you were away")

    async def failed() -> bool:
        return (await bot.get_webhook_info()).last_error_message == "Connection refused"

    await wait_until(failed)
    await bot.set_webhook(listener.url)
    assert len(await listener.until(1)) == 1


async def test_commands_by_language(bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "帮助")], language_code="zh")
    await bot.set_my_commands([BotCommand("help", "Help")])
    assert [c.description for c in await bot.get_my_commands()] == ["Help"]
    assert [c.description for c in await bot.get_my_commands(language_code="zh")] == ["帮助"]
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Not-Good", "x")])


async def test_chat_actions(bot: Bot, chat: int) -> None:
    assert await bot.send_chat_action(chat, "typing")
    assert (await bot.get_chat(chat)).first_name == "晏清澜"


async def test_tokens(api: Api) -> None:
    number = api.bot.partition(":")[0]
    for token, status in [("nonsense", 404), (f"{number}:another-secret", 401)]:
        async with api.session.get(f"{api.url}/bot{token}/getMe") as answer:
            assert answer.status == status
    impostor = make_bot(api, f"{number}:another-secret")
    with pytest.raises(InvalidToken):
        await impostor.initialize()
    await impostor.shutdown()
    async with api.session.get(f"{api.url}/bot{api.bot}/makeCoffee") as answer:
        assert (await answer.json())["description"] == "Not Found"


@pytest.mark.parametrize("sort", ["query", "form", "json", "multipart"])
async def test_parameters_come_in_any_form(api: Api, chat: int, sort: str) -> None:
    url, values = f"{api.url}/bot{api.bot}/sendMessage", {"chat_id": str(chat), "text": "你好"}
    if sort == "query":
        call = api.session.get(url, params=values)
    elif sort == "json":
        call = api.session.post(url, json={"chat_id": chat, "text": "你好"})
    elif sort == "form":
        call = api.session.post(url, data=values)
    else:
        call = api.session.post(url, data=_multipart(values))
    async with call as answer:
        assert (await answer.json())["result"]["text"] == "你好"


def _multipart(values: dict[str, str]) -> aiohttp.MultipartWriter:
    writer = aiohttp.MultipartWriter("form-data")
    for name, value in values.items():
        part = writer.append(value)
        part.set_content_disposition("form-data", name=name)
    return writer


async def test_broken_json_is_refused(api: Api) -> None:
    url = f"{api.url}/bot{api.bot}/sendMessage"
    async with api.session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400


async def send_file(api: Api, data: bytes, sort: str = "document", **besides: Any) -> Any:
    file = {"sort": sort, "data": base64.b64encode(data).decode(), **besides.pop("file", {})}
    return await api.call("POST", f"chats/{CHAT}/send", {"bot": api.bot, "file": file, **besides})


@pytest.mark.parametrize("sort", ["photo", "voice", "audio", "document", "video_note", "video", "sticker"])
async def test_a_file_is_told_and_downloaded(api: Api, bot: Bot, chat: int, sort: str) -> None:
    await send_file(api, b"content", sort, text="look", album="7", file={"name": "a.pdf", "mime": "application/pdf"})
    (update,) = await bot.get_updates()
    assert update.message is not None
    sent = update.message.effective_attachment
    sent = sent[-1] if isinstance(sent, (list, tuple)) else sent
    assert (update.message.text, update.message.caption) == (None, "look")
    assert update.message.media_group_id == "7"
    described = await bot.get_file(sent.file_id)  # type: ignore[union-attr]
    assert described.file_unique_id == sent.file_unique_id  # type: ignore[union-attr]
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{api.url}/file/bot{api.bot}/{described.file_path.partition(api.bot + '/')[2]}") as got:
            assert await got.read() == b"content"
        async with session.get(f"{api.url}/file/bot{api.bot}/photos/none") as got:
            assert got.status == 404


async def test_a_file_that_is_not_there_or_too_big_is_refused(api: Api, bot: Bot, chat: int) -> None:
    await send_file(api, b"x", file={"size": 21 * 1024 * 1024})
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    with pytest.raises(BadRequest, match="too big"):
        await bot.get_file(update.message.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
        await bot.get_file("none")


async def test_a_message_is_passed_on_with_its_origin(api: Api, bot: Bot, chat: int) -> None:
    await write(api, "please", forward={"name": "Zhou", "date": 1_789_000_000})
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.forward_origin is not None
    assert int(update.message.forward_origin.date.timestamp()) == 1_789_000_000


async def test_messages_of_both_sides_are_deleted_within_two_days(api: Api, bot: Bot, chat: int) -> None:
    told = (await write(api, "one"))["message_id"]
    said = (await bot.send_message(CHAT, "two")).message_id
    assert await bot.delete_messages(CHAT, [told, said, 9999])
    assert await messages(api) == []
    with pytest.raises(BadRequest, match="not found"):
        await bot.delete_message(CHAT, told)

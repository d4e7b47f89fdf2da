"""What the wall shows: one card for each phone of an account and each chat of a bot, most recently active first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.chat.model import Bot, Chat
from sandbox.control.chat_routes import shown_chat, shown_chat_message
from sandbox.control.sms_routes import shown_sms
from sandbox.sms.model import Conversation, TwilioAccount
from sandbox.world import Phone, World

MOST_CARDS = 24
MOST_MESSAGES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards somebody asks for."""

    words: str = ""
    only: tuple[str, ...] = ()
    account: str = ""
    bot: str = ""
    kind: str = ""
    limit: int = MOST_CARDS

    def owns(self, named: str, *names: str) -> bool:
        """Say whether the account or bot of these names is asked for: named itself, or no other named instead."""
        return named in names if named else not (self.account or self.bot)


@dataclass(frozen=True, slots=True)
class _Place:
    """One card before it is drawn."""

    activity: int
    names: tuple[str, ...]
    phone: tuple[TwilioAccount, Phone, Conversation] | None = None
    chat: tuple[Bot, Chat] | None = None

    def fits(self, wanted: Wanted) -> bool:
        """Say whether the card is asked for; the search looks into names, numbers and the last text."""
        if wanted.only and not set(self.names) & set(wanted.only):
            return False
        words = wanted.words.casefold()
        return not words or any(words in name.casefold() for name in (*self.names, self.last_text()))

    def last_text(self) -> str:
        """Return the text of the newest message."""
        if self.phone is not None:
            messages = self.phone[2].messages
            return messages[-1].body if messages else ""
        assert self.chat is not None
        chat = self.chat[1]
        return next((m.text for m in reversed(chat.messages.values()) if not m.deleted), "")

    def draw(self) -> dict[str, Any]:
        """Return the card as the page gets it."""
        if self.phone is not None:
            return _phone_card(*self.phone)
        assert self.chat is not None
        return _chat_card(*self.chat)


def _phones(world: World, wanted: Wanted) -> Iterator[_Place]:
    for account in world.accounts.values():
        if wanted.kind == "chat" or not wanted.owns(wanted.account, account.sid):
            continue
        numbers = dict.fromkeys([*account.conversations, *_labelled(world, account)])
        for number in numbers:
            phone = world.phones.get(number) or Phone(number)
            conversation = account.conversations.get(number) or Conversation(number)
            yield _Place(conversation.activity, (number, phone.label), phone=(account, phone, conversation))


def _labelled(world: World, account: TwilioAccount) -> Iterable[str]:
    """Return the phones that were put on the wall for this account, or for any while there is only one."""
    alone = len(world.accounts) == 1
    return (p.number for p in world.phones.values() if account.sid in p.accounts or (alone and not p.accounts))


def _chats(world: World, wanted: Wanted) -> Iterator[_Place]:
    for bot in world.bots.values():
        if wanted.kind == "sms" or not wanted.owns(wanted.bot, bot.token, str(bot.bot_id)):
            continue
        for chat in bot.chats.values():
            names = (str(chat.chat_id), chat.name, chat.username)
            yield _Place(chat.activity, names, chat=(bot, chat))


def _phone_card(account: TwilioAccount, phone: Phone, conversation: Conversation) -> dict[str, Any]:
    return {
        "key": f"sms:{account.sid}:{phone.number}",
        "kind": "sms",
        "id": phone.number,
        "owner": account.sid,
        "name": phone.label,
        "lang": phone.lang,
        "opted_out": any(number == phone.number for _, number in account.opted_out),
        "hidden": max(0, len(conversation.messages) - MOST_MESSAGES),
        "messages": [shown_sms(m) for m in conversation.messages[-MOST_MESSAGES:]],
    }


def _chat_card(bot: Bot, chat: Chat) -> dict[str, Any]:
    shown = [m for m in chat.messages.values() if not m.deleted]
    return shown_chat(bot, chat) | {
        "key": f"chat:{bot.bot_id}:{chat.chat_id}",
        "kind": "chat",
        "id": str(chat.chat_id),
        "owner": str(bot.bot_id),
        "hidden": max(0, len(shown) - MOST_MESSAGES),
        "messages": [shown_chat_message(m) for m in shown[-MOST_MESSAGES:]],
    }


def _shown_bot(bot: Bot) -> dict[str, Any]:
    commands = bot.commands.get(("default:", ""), [])
    return {
        "id": str(bot.bot_id),
        "name": bot.first_name or f"@{bot.username}",
        "commands": [f"/{command['command']}" for command in commands],
    }


def wall_of(world: World, wanted: Wanted) -> dict[str, Any]:
    """Return the cards asked for, how many there are in all, and the accounts and bots to choose from.

    Cards asked for by `only` keep the order of the asking.
    """
    places = [p for p in (*_phones(world, wanted), *_chats(world, wanted)) if p.fits(wanted)]
    if wanted.only:
        places.sort(key=lambda p: min(wanted.only.index(name) for name in p.names if name in wanted.only))
    else:
        places.sort(key=lambda p: -p.activity)
    return {
        "cards": [place.draw() for place in islice(places, wanted.limit)],
        "total": len(places),
        "accounts": [{"id": a.sid, "name": a.sender or a.sid} for a in world.accounts.values()],
        "bots": [_shown_bot(bot) for bot in world.bots.values()],
        "faults": len(world.faults.all()),
    }

"""The phones and chats of the demo, by the sandbox's JSON API: read, type, press, count."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import aiohttp

from service.demo import cast
from service.demo.processes import DemoFailed
from service.demo.sms_provider import SmsProvider

WAIT_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.1


class Phones:
    """Everybody's phones."""

    def __init__(self, client: aiohttp.ClientSession, url: str, provider: SmsProvider) -> None:
        self._client, self._api, self._provider = client, f"{url}/sandbox/api", provider

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the sandbox's API; raise DemoFailed when it refuses."""
        async with self._client.request(method, f"{self._api}/{path}", json=body) as answer:
            if answer.status >= 400:
                raise DemoFailed(f"The sandbox refused {path}: {answer.status}.")
            return await answer.json() if answer.status != 204 else None

    async def set_up(self, hooks: str) -> None:
        """Tell the sandbox where its webhooks go, and who has which phone."""
        await self.call("PUT", self._provider.path, self._provider.account_settings(hooks))
        await self.call("PUT", f"telegram/bots/{cast.BOT_TOKEN}", {"username": "lianxin_demo_bot", "name": "廉信"})

    async def name_phone(self, number: str, label: str, lang: str) -> None:
        """Put a name on a phone."""
        body = {"label": label, "lang": lang, "account": self._provider.account}
        await self.call("PUT", f"phones/{number}", body)

    async def name_chat(self, chat_id: str, name: str, lang: str) -> None:
        """Start somebody's chat with the bot."""
        await self.call("PUT", f"chats/{chat_id}", {"bot": cast.BOT_TOKEN, "name": name, "lang": lang})

    async def text(self, number: str, words: str) -> None:
        """Send an SMS from a phone."""
        sent = await self.call("POST", f"phones/{number}/send", {"account": self._provider.account, "text": words})
        if sent["webhook_status"] != 200:
            raise DemoFailed(f"The service did not take an SMS: {sent['webhook_status']}.")

    async def chat(self, chat_id: int, words: str) -> None:
        """Write in a chat."""
        await self.call("POST", f"chats/{chat_id}/send", {"bot": cast.BOT_TOKEN, "text": words})

    async def press(self, chat_id: int, label: str) -> None:
        """Press the newest button of that label."""
        await self.call("POST", f"chats/{chat_id}/press", {"bot": cast.BOT_TOKEN, "label": label})

    async def got(self, number: str, after: int, fits: Callable[[str], bool], what: str) -> str:
        """Wait for an SMS after the first so many that fits; return its text."""
        return await self._wait(lambda: self._texts(number), after, fits, what)

    async def chat_got(self, chat_id: int, after: int, fits: Callable[[str], bool], what: str) -> str:
        """Wait for a chat message after the first so many that fits; return its text."""
        return await self._wait(lambda: self._chat_texts(chat_id), after, fits, what)

    async def many(self, number: str) -> int:
        """Return how many SMS a phone has received."""
        return len(await self._texts(number))

    async def chat_many(self, chat_id: int) -> int:
        """Return how many messages a chat has received."""
        return len(await self._chat_texts(chat_id))

    async def _texts(self, number: str) -> list[str]:
        kept = await self.call("GET", f"phones/{number}?account={self._provider.account}")
        return [str(each["text"]) for each in kept["messages"] if each["direction"] == "in"]

    async def _chat_texts(self, chat_id: int) -> list[str]:
        kept = await self.call("GET", f"chats/{chat_id}?bot={cast.BOT_TOKEN}")
        return [str(each["text"]) for each in kept["messages"] if each["direction"] == "in"]

    async def _wait(self, read: Callable[[], Any], after: int, fits: Callable[[str], bool], what: str) -> str:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    for words in (await read())[after:]:
                        if fits(words):
                            return str(words)
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise DemoFailed(f"{what} did not arrive within {WAIT_SECONDS:.0f} s.") from None

    async def ledger(self, provider: str) -> list[str]:
        """Return to whom the provider accepted a message, in order."""
        which = f"account={self._provider.account}" if provider == "sms" else f"bot={cast.BOT_TOKEN}"
        kept = await self.call("GET", f"ledger?{which}&fields=to&limit=1000000")
        return [str(row[0]) for row in kept["rows"]]

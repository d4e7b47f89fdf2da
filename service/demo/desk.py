"""A member of the cast at the console, by HTTP alone: opens pages and sends their forms, as a browser would."""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import aiohttp

from service.demo.processes import DemoFailed

_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')
_TAGS: Final = re.compile(r"<[^>]+>")


class Desk:
    """A signed-in session at the console. Use it as an async context."""

    def __init__(self, url: str, staff_no: str, lang: str = "zh-Hans") -> None:
        self._url, self._staff_no, self._lang = url, staff_no, lang
        self._client: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        """Sign in by the demo's own door."""
        self._client = aiohttp.ClientSession(self._url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        await self.open(f"/demo/as/{self._staff_no}?lang={self._lang}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; the session ends with the demo."""
        await self._client.close()

    async def open(self, path: str) -> str:
        """Return a page; raise DemoFailed when it is not shown."""
        status, page = await self.look(path)
        if status != 200:
            raise DemoFailed(f"{path} answered {status} to {self._staff_no}.")
        return page

    async def look(self, path: str) -> tuple[int, str]:
        """Return status and page, whatever it is."""
        async with self._client.get(path) as answer:
            return answer.status, await answer.text()

    async def send(self, page_path: str, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Open a page, send a form of it; return the status and page that follow."""
        found = _TOKEN.search(await self.open(page_path))
        if found is None:
            raise DemoFailed(f"{page_path} has no form for {self._staff_no}.")
        async with self._client.post(path, data={"form_token": found[1], **fields}) as answer:
            return answer.status, await answer.text()

    async def do(self, page_path: str, path: str, fields: Mapping[str, str]) -> str:
        """Send a form that must be taken; raise DemoFailed with what the page says otherwise."""
        status, page = await self.send(page_path, path, fields)
        if status != 200:
            raise DemoFailed(f"{path} answered {status} to {self._staff_no}: {errors_of(page)}")
        return page


def errors_of(page: str) -> str:
    """Return what the page says in its error summary, as plain words."""
    found = re.search(r'class="[^"]*errors[^"]*"[^>]*>(.*?)</(?:div|section)>', page, re.DOTALL)
    return " ".join(_TAGS.sub(" ", found[1]).split()) if found else "(no reason given)"

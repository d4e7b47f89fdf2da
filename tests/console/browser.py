"""A browser without a screen: keeps cookies, finds the token of a page's form, sends forms as a page of ours would."""

import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

import aiohttp
from yarl import URL

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


class Answer:
    """Status, address and text of what came back."""

    def __init__(self, status: int, path: str, text: str, headers: Mapping[str, str]) -> None:
        self.status, self.path, self.text, self.headers = status, path, text, headers

    @property
    def words(self) -> str:
        """The text without markup."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


class Browser:
    """One visitor. `lang` is what his browser asks for."""

    def __init__(self, url: str, lang: str = "zh-CN") -> None:
        self.url = url
        self.client = aiohttp.ClientSession(
            url,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": lang, "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.client.close()

    def take(self, name: str, value: str) -> None:
        self.client.cookie_jar.update_cookies({name: value}, URL(self.url))

    async def get(self, path: str, *, follow: bool = True) -> Answer:
        async with self.client.get(path, allow_redirects=follow) as got:
            return Answer(got.status, got.url.raw_path_qs, await got.text(), got.headers)

    async def data(self, path: str) -> bytes:
        """The bytes of a file."""
        async with self.client.get(path) as got:
            assert got.status == 200, path
            return await got.read()

    async def token(self, page: str) -> str:
        found = TOKEN.search((await self.get(page)).text)
        assert found, f"{page} has no form"
        return found[1]

    async def post(
        self,
        path: str,
        fields: Mapping[str, str] | list[tuple[str, str]],
        *,
        page: str = "/",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> Answer:
        """Send a form; `files` are (field, content), as a browser sends them."""
        given = fields if isinstance(fields, list) else list(fields.items())
        value = await self.token(page) if token is None else token
        sent = [("form_token", value), *given] if value else given
        own = {"Origin": self.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"} | dict(headers or {})
        form: Any = sent
        if files:
            form = aiohttp.FormData(sent, default_to_multipart=True)
            for name, content in files:
                form.add_field(name, io.BytesIO(content), filename="IMG 1.exe", content_type="application/x-msdownload")
        async with self.client.post(path, data=form, headers=own, allow_redirects=follow) as got:
            return Answer(got.status, got.url.raw_path_qs, await got.text(), got.headers)

"""The real demo, started as a newcomer does, looked at by HTTP and ended by Ctrl-C; once for all tests."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import aiohttp

from service.demo import cast

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
_SEEN: list["Seen"] = []


@dataclass
class Seen:
    """What the demo showed: what it printed, its pages by language, what they load, how it ended, what it left."""

    printed: str = ""
    meanwhile: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    loaded: dict[str, int] = field(default_factory=dict)
    console: str = ""
    phones: str = ""
    code: int | None = None
    left: list[str] = field(default_factory=list)


class _Pieces(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


def pieces(page: str) -> list[str]:
    """Return the pieces of text of a page."""
    reader = _Pieces()
    reader.feed(page)
    return reader.found


async def seen() -> Seen:
    """Return what the demo showed; it is started at the first call."""
    if not _SEEN:
        with tempfile.TemporaryDirectory() as folder:
            _SEEN.append(await _look_at_demo(Path(folder)))
    return _SEEN[0]


async def _look_at_demo(folder: Path) -> Seen:
    found, process = Seen(), await _start(folder)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(SECONDS):
            while "Ctrl-C" not in found.printed:
                line = await process.stdout.readline()
                assert line, (await process.stderr.read()).decode()
                found.printed += line.decode()
            await _visit(found, re.findall(r"http://\S+", found.printed)[0])
            process.send_signal(signal.SIGINT)
            found.meanwhile = (await process.stderr.read()).decode()
            found.printed += (await process.stdout.read()).decode()
            found.code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    project = folder / "project"
    found.left = [str(each.relative_to(folder)) for each in folder.rglob("*") if project not in (each, *each.parents)]
    found.left = [each for each in found.left if each not in ("home", "tmp")]
    return found


async def _start(folder: Path) -> Process:
    for name in ("project", "home", "tmp"):
        (folder / name).mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from service.cli import main; main()", "demo", "--port", "0"),
        cwd=folder / "project",
        env={**kept, **own},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def _visit(found: Seen, address: str) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        for lang in ("zh-Hans", "en"):
            found.pages[lang] = await _get(client, found, f"{address}?lang={lang}")
        page = found.pages["zh-Hans"].replace("&amp;", "&")
        for place in sorted(set(re.findall(r'(?:src|href)="((?:/static|http)[^"]+)"', page))):
            text = await _get(client, found, place if place.startswith("http") else address + place)
            found.console += text if "/demo/as/" in place else ""
        await _get(client, found, f"{address}/api/state")
        wall = next(each for each in found.loaded if "only=" in each).partition("/?")[0]
        found.phones = await _get(client, found, f"{wall}/sandbox/api/wall?only={cast.QUAY_PHONE}")


async def _get(client: aiohttp.ClientSession, found: Seen, url: str) -> str:
    async with client.get(url) as answer:
        found.loaded[url] = answer.status
        return await answer.text()

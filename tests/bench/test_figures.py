"""Medians, ratios and verdicts; the provider that only answers."""

import asyncio
import json

import pytest

from bench.figures import Line, Outcome, Sample, Target
from bench.sink import Sink
from bench.table import as_json, markdown

LINE = Line("a", "title", "bare", "ms", Target("≤", 2.0))


def outcome(line: Line, *pairs: tuple[float, float | None]) -> Outcome:
    return Outcome(line, "sqlite", 10, [Sample(*pair) for pair in pairs])


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    found = outcome(LINE, (2, 1), (9, 3), (4, 4))
    assert (found.ours, found.base, found.ratio, found.verdict) == (4, 3, 2, "met")
    assert found.ratios == [1, 2, 3]


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        (Target("≤", 2.0), 2.0, "met"),
        (Target("≤", 2.0), 2.01, "missed"),
        (Target("≥", 0.4), 0.4, "met"),
        (Target("≥", 0.4), 0.39, "missed"),
        (None, 7.0, ""),
    ],
)
def test_verdict(target: Target | None, ratio: float, verdict: str) -> None:
    assert outcome(Line("a", "title", "bare", "ms", target), (ratio, 1.0)).verdict == verdict


def test_a_line_may_only_report() -> None:
    found = outcome(Line("a", "title", "", "s"), (3.5, None))
    assert (found.ratio, found.base, found.verdict) == (None, None, "")
    assert "| title | sqlite | 3.500 s |  |  |  |  |  |" in markdown([found])


def test_json_holds_every_round() -> None:
    (line,) = as_json([outcome(LINE, (2, 1), (9, 3))], {})["lines"]
    assert line["rounds"] == [{"ours": 2, "base": 1, "ratio": 2}, {"ours": 9, "base": 3, "ratio": 3}]


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/2010-04-01/Accounts/AC1/Messages.json", ("sid", "status")),
        ("/bot1:a/sendMessage", ("ok", "result")),
        ("/bot1:a/getMe", ("ok", "result")),
    ],
)
async def test_the_sink_answers_what_comes_in_pieces(path: str, keys: tuple[str, str]) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(0), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        for piece in (f"POST {path} HTTP/1.1\r\nContent-", "Length: 4\r\n\r\nab", "cd"):
            writer.write(piece.encode())
            await writer.drain()
            await asyncio.sleep(0.01)
        head = await reader.readuntil(b"\r\n\r\n")
        told = json.loads(await reader.readexactly(int(head.rpartition(b"Length: ")[2])))
        writer.close()
        await writer.wait_closed()
    assert set(keys) <= set(told)

"""Medians, ratios and verdicts; the provider that only answers."""

import asyncio
import json

import pytest

from bench.figures import Line, Outcome, Sample, Target, at_least, at_most
from bench.pacing import achieved
from bench.sink import Sink
from bench.table import as_json, cells, markdown, verdicts

LINE = Line("a", "title", "bare", "ms", at_most(2.0))


def outcome(line: Line, *pairs: tuple[float, float | None]) -> Outcome:
    return Outcome(line, "sqlite", 10, [Sample(*pair) for pair in pairs])


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    found = outcome(LINE, (2, 1), (9, 3), (4, 4))
    assert (found.ours, found.base, found.ratio, found.verdict) == (4, 3, 2, "met")
    assert found.ratios == [1, 2, 3]


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        (at_most(2.0), 2.0, "met"),
        (at_most(2.0), 2.01, "missed"),
        (at_least(0.4), 0.4, "met"),
        (at_least(0.4), 0.39, "missed"),
        (Target(0.98, 1.0), 1.01, "missed"),
        (Target(0.98, 1.0), 1.004, "met"),
        (Target(0.98, 1.0), 0.97, "missed"),
        (at_most(3, "ms"), 7.0, "missed"),
        (at_most(7, "ms"), 7.0, "met"),
        (None, 7.0, ""),
    ],
)
def test_verdict(target: Target | None, ratio: float, verdict: str) -> None:
    assert outcome(Line("a", "title", "bare", "ms", target), (ratio, 1.0)).verdict == verdict


def test_a_line_that_was_left_out_says_why() -> None:
    left_out = Outcome(LINE, "sqlite", 10, [], 0, "left out: no server")
    assert (left_out.ours, left_out.ratio, left_out.verdict) == (None, None, "left out")
    assert "left out: no server" in markdown([cells(left_out)])
    assert list(verdicts([left_out])) == [
        "0 of 1 targets met.",
        "* left out: title / bare (sqlite): left out: no server, target ≤ 2",
    ]


def test_sizes_stand_in_the_title() -> None:
    line = Line("a", "fill of {size}", "of {small}", "s")
    assert "| fill of 1,000 / of 10 |" in markdown([cells(Outcome(line, "sqlite", 1000, [Sample(1, 2)], 10))])


def test_a_rate_is_the_same_for_bursts_and_for_an_even_pace() -> None:
    bursts = [float(second) for second in range(4) for _ in range(10)]
    even = [number / 10 for number in range(40)]
    slow = [moment * 1.25 for moment in bursts]
    assert [achieved(each, 10) for each in (bursts, even, slow)] == pytest.approx([10, 10, 8])


def test_a_line_may_only_report() -> None:
    found = outcome(Line("a", "title", "", "s"), (3.5, None))
    assert (found.ratio, found.base, found.verdict) == (None, None, "")
    assert "| title | sqlite | 3.500 s |  |  |  |  |  |" in markdown([cells(found)])


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
    server = await asyncio.get_running_loop().create_server(lambda: Sink(0, []), "127.0.0.1", 0)
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

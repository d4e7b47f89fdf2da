"""What every channel must do: one try, one outcome of the five, and nothing of it in the logs.

The sandbox's ledger says what really was accepted; `providers` lists the channels.
"""

import asyncio
import dataclasses
import math
import socket
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from messaging.channel import Button, Channel, Outgoing
from models.states import Outcome
from tests.messaging.conftest import Lines
from tests.messaging.providers import IDS, NOWHERE, PROVIDERS, Provider
from tests.messaging.sandbox_client import SandboxClient

TEXT, TOKEN = '举报王某收受红包 "quoted" {to} & <b>', "attempt-token-123"


@dataclass
class Case:
    """A channel, its twin, and what was logged."""

    provider: Provider
    channel: Channel
    sandbox: SandboxClient
    session: aiohttp.ClientSession
    lines: Lines

    def at(self, url: str) -> Channel:
        """Return the same channel for another server."""
        return self.provider.make(self.sandbox, self.session, url)

    def outgoing(self, **more: Any) -> Outgoing:
        return Outgoing(self.provider.to, TEXT, TOKEN, **more)

    async def fault(self, effect: str, **more: Any) -> None:
        await self.sandbox.fault(effect, self.provider.name, **more)

    async def accepted(self) -> list[dict[str, Any]]:
        return await self.sandbox.ledger(self.provider.name)

    def assert_nothing_is_logged(self) -> None:
        secrets = (self.sandbox.bot, self.sandbox.bot.partition(":")[2], self.sandbox.token)
        self.lines.assert_without(TEXT, "王某", self.provider.to, self.provider.to[3:], TOKEN, *secrets)


@pytest.fixture(params=PROVIDERS, ids=IDS)
async def case(
    request: pytest.FixtureRequest, sandbox: SandboxClient, session: aiohttp.ClientSession, lines: Lines
) -> Case:
    provider: Provider = request.param
    await provider.set_up(sandbox)
    return Case(provider, provider.make(sandbox, session, sandbox.url), sandbox, session, lines)


async def test_accepted_once_with_the_provider_s_id(case: Case) -> None:
    result = await case.channel.send(case.outgoing(buttons=[[Button("收到", "ack")]]))
    (entry,) = await case.accepted()
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, entry["id"])
    assert (entry["to"], entry["text"]) == (case.provider.to, TEXT)
    assert (result.opted_out, result.bad_address) == (False, False)
    case.assert_nothing_is_logged()


UNKNOWN = [
    ({"effect": "hang_before"}, 0),
    ({"effect": "hang_after_accept"}, 1),
    ({"effect": "reset_before"}, 0),
    ({"effect": "reset_after_accept"}, 1),
    ({"effect": "accept_then_500"}, 1),
    *(({"effect": "status_5xx", "status": status}, 0) for status in (500, 502, 503, 504)),
    *(({"effect": "bad_body", "body": body}, 1) for body in ("empty", "html", "wrong_json", "no_id", "huge", "cut")),
]


@pytest.mark.parametrize(("fault", "accepted"), UNKNOWN, ids=lambda each: str(each).replace(" ", ""))
async def test_what_is_unclear_is_unknown_and_said_once(case: Case, fault: dict[str, Any], accepted: int) -> None:
    await case.fault(**fault)
    result = await case.channel.send(case.outgoing())
    assert (result.outcome, result.provider_id) == (Outcome.UNKNOWN, None)
    assert result.code
    assert len(await case.accepted()) == accepted
    case.assert_nothing_is_logged()


async def test_a_server_that_hangs_up_at_once_may_have_read_it(case: Case) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await case.at(f"http://127.0.0.1:{port}").send(case.outgoing())
    assert result.outcome is Outcome.UNKNOWN
    case.assert_nothing_is_logged()


async def test_a_server_that_never_answers_is_waited_for_up_to_the_limit(case: Case) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = await case.at(f"http://127.0.0.1:{silent.getsockname()[1]}").send(case.outgoing())
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("url", [NOWHERE, "http://name.invalid", "http://127.0.0.1:notaport", "tls"])
async def test_without_a_connection_nothing_was_sent(case: Case, url: str) -> None:
    url = case.sandbox.url.replace("http://", "https://") if url == "tls" else url
    assert (await case.at(url).send(case.outgoing())).outcome is Outcome.NOT_SENT
    assert await case.accepted() == []
    case.assert_nothing_is_logged()


@pytest.mark.parametrize("told", [1, 7, None])
async def test_429_keeps_what_the_provider_told(case: Case, told: int | None) -> None:
    await case.fault("status_429", retry_after=told)
    result = await case.channel.send(case.outgoing())
    assert (result.outcome, result.retry_after) == (Outcome.THROTTLED, told)
    assert await case.accepted() == []
    case.assert_nothing_is_logged()


@pytest.mark.parametrize("told", [0, -5, 1e12])
async def test_429_with_an_absurd_time_is_no_more_than_429(case: Case, told: float) -> None:
    await case.fault("status_429", retry_after=told)
    result = await case.channel.send(case.outgoing())
    assert result.outcome is Outcome.THROTTLED
    assert result.retry_after is None or (result.retry_after > 0 and not math.isnan(result.retry_after))


REFUSALS = [
    # which code, outcome, opted out, bad address
    ("rejected", Outcome.REJECTED, False, False),
    ("opted_out", Outcome.REJECTED, True, False),
    ("bad_address", Outcome.REJECTED, False, True),
    ("lane", Outcome.THROTTLED, False, False),
]


@pytest.mark.parametrize(("which", "outcome", "opted_out", "bad"), REFUSALS, ids=[row[0] for row in REFUSALS])
async def test_refusals(case: Case, which: str, outcome: Outcome, opted_out: bool, bad: bool) -> None:
    code = case.provider.codes.get(which)
    if code is None:
        pytest.skip("the provider has no such code")
    await case.fault("fail_permanently", error_code=code)
    result = await case.channel.send(case.outgoing())
    assert (result.outcome, result.opted_out, result.bad_address) == (outcome, opted_out, bad)
    assert result.code
    assert await case.accepted() == []
    case.assert_nothing_is_logged()


async def test_a_wrong_key_is_a_fault_of_the_lane(case: Case) -> None:
    wrong = dataclasses.replace(case.sandbox, token="wrong", bot=case.sandbox.bot + "wrong")
    channel = case.provider.make(wrong, case.session, case.sandbox.url)
    assert (await channel.send(case.outgoing())).outcome is Outcome.THROTTLED
    case.assert_nothing_is_logged()


async def test_after_a_bad_day_it_goes_on(case: Case) -> None:
    await case.fault("reset_after_accept", count=1)
    assert (await case.channel.send(case.outgoing())).outcome is Outcome.UNKNOWN
    assert (await case.channel.send(case.outgoing())).outcome is Outcome.ACCEPTED

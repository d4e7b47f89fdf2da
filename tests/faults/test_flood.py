"""F28: ten thousand idle connections, headers and bodies that come drop by drop; who asks properly is answered."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

import pytest
from aiohttp import ClientSession, web

from models.inbound import Inbound
from service import crowd
from service.crowd import MOST_WAITING, Crowd
from tests.faults.conftest import Begin
from tests.faults.harness import Trial
from tests.faults.test_inbound_twice import texted, without_a_run

IDLE, SLOW = 10_000, 200
HEAD = b"POST /hooks/twilio/message HTTP/1.1\r\nHost: lianxin\r\n"
BODY = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nFrom="
SHORT_CODE = "10690001"


@contextmanager
def many_files(needed: int) -> Iterator[None]:
    """Let this process open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        pytest.skip(f"the machine lets a process open {hard} files, {needed} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connected(port: int, many: int, said: bytes, stack: ExitStack) -> list[socket.socket]:
    """Connect so often, and say so much."""
    made = []
    for _ in range(many):
        each = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        if said:
            each.sendall(said)
        each.setblocking(False)
        made.append(each)
    return made


def drip(sockets: list[socket.socket]) -> None:
    """One more drop on each; who was let go is let go."""
    for each in sockets:
        try:
            each.send(b"X")
        except OSError:
            continue


def gone(sockets: list[socket.socket]) -> int:
    return sum(is_gone(each) for each in sockets)


def is_gone(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


async def answers(trial: Trial, client: ClientSession) -> None:
    """It is alive, the database too, and a signed message is taken."""
    for path in ("live", "ready"):
        async with client.get(f"{trial.program.url}/health/{path}") as answer:
            assert answer.status == 200
    assert (await texted(trial, SHORT_CODE))["webhook_status"] == 200


@pytest.mark.kill
@pytest.mark.timeout(300)
@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
async def test_f28_ten_thousand_idle_and_slow_connections_keep_nobody_out(begin: Begin) -> None:
    trial = await without_a_run(begin)
    await trial.program.start()
    with many_files(IDLE + 2 * SLOW + 500), ExitStack() as stack:
        async with ClientSession() as client:
            port = trial.program.port
            slow = await asyncio.to_thread(connected, port, SLOW, HEAD, stack)
            bodies = await asyncio.to_thread(connected, port, SLOW, BODY, stack)
            idle: list[socket.socket] = []
            for _ in range(5):
                idle += await asyncio.to_thread(connected, port, IDLE // 5, b"", stack)
                drip([*slow, *bodies])
                await answers(trial, client)

            async def thinned() -> bool:
                return gone([*slow, *bodies, *idle]) >= IDLE + 2 * SLOW - MOST_WAITING - 50

            await trial.until(thinned, "an end of most of the idle", 30, 0.2)
            await answers(trial, client)
            assert not is_gone(idle[-1]), "the newest are not let go"
    assert await Inbound.all().count() == 6
    assert "crowd.let_go" in trial.program.log


@asynccontextmanager
async def served(found: Crowd, idle_seconds: float) -> AsyncIterator[tuple[int, web.Server]]:
    async def read(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application(middlewares=[found.watch()])
    app.router.add_post("/", read)
    runner = web.AppRunner(app, keepalive_timeout=idle_seconds, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with found.kept(runner.server):
            yield runner.addresses[0][1], runner.server
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "said",
    [b"", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"],
    ids=["nothing", "header", "body"],
)
async def test_f28_a_header_or_a_body_that_never_ends_is_let_go(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(crowd, "LOOK_SECONDS", 0.05)
    async with served(Crowd(), 0.3) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        dripping = asyncio.create_task(drops(writer))
        async with asyncio.timeout(20):
            assert b"200 OK" not in await until_gone(reader)
        dripping.cancel()
        writer.close()


async def until_gone(reader: asyncio.StreamReader) -> bytes:
    """Return what was said before the connection ended, in order or by a reset."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def drops(writer: asyncio.StreamWriter) -> None:
    """Header or body go on, a byte now and then, so slowly that they do not end."""
    while True:
        await asyncio.sleep(0.1)
        if not writer.is_closing():
            writer.write(b"a" if writer.transport.get_write_buffer_size() == 0 else b"")


async def test_f28_who_is_being_answered_is_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the most, the oldest go first; a whole request under way stays however old it is."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response(text="answered")

    found = Crowd()
    app = web.Application(middlewares=[found.watch()])
    app.router.add_get("/", slowly)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    with ExitStack() as stack:
        async with ClientSession() as client:
            asked = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
            await begun.wait()
            idle = connected(port, 8, b"", stack)
            while len(runner.server.connections) < 9:
                await asyncio.sleep(0.01)
            assert found.let_go(runner.server, 3) == 5
            while gone(idle) < 5:
                await asyncio.sleep(0.01)
            assert [is_gone(each) for each in idle] == [True] * 5 + [False] * 3
            go_on.set()
            async with await asked as answer:
                assert await answer.text() == "answered"
    await runner.cleanup()


def test_f28_the_limit_of_open_files_is_raised_as_far_as_it_may() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
    try:
        assert crowd.may_open_many() >= min(hard, 512)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

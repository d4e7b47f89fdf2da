"""The real program in parts on one database: lanes shared, switched off and on, handed on when a part ends."""

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from core.crypto import create_key_file
from tests import postgres_server
from tests.faults.program import LIANXIN, environment, free_port

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
SECONDS = 60.0
NOWHERE = "http://127.0.0.1:9"
SETTINGS = {
    "TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO__AUTH_TOKEN": "token-77d1",
    "TWILIO__SENDER": "+8657100000001",
    "TWILIO__API_URL": NOWHERE,
    "TELEGRAM__TOKEN": "1:token-77d1",
    "TELEGRAM__API_URL": NOWHERE,
}


@pytest.fixture
async def url(postgres: postgres_server.Server, postgres_template: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres.url)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield postgres.database(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


class Part:
    """One of several processes on a database, with the roles that it is given; they share the key."""

    def __init__(self, folder: Path, url: str, name: str, roles: str) -> None:
        (folder / name).mkdir()
        shared = {"DATABASE_URL": url, "KEY_FILE": str(folder / "shared.key"), "LISTEN": f"127.0.0.1:{free_port()}"}
        self.log_file = folder / name / "log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [LIANXIN, "serve", "--roles", roles],
                cwd=folder / name,
                env=environment(SETTINGS | shared),
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    async def ready(self) -> "Part":
        async with asyncio.timeout(SECONDS):
            while "service.ready" not in self.log:
                assert self.process.poll() is None, self.log
                await asyncio.sleep(0.05)
        return self

    async def end(self) -> int:
        """End it in order; return its exit code."""
        self.process.terminate()
        async with asyncio.timeout(SECONDS):
            while (code := self.process.poll()) is None:
                await asyncio.sleep(0.05)
        assert "77d1" not in self.log
        assert "Traceback" not in self.log
        return code


async def until(connection: asyncpg.Connection, question: str) -> None:
    """Wait until the database answers yes."""
    async with asyncio.timeout(SECONDS):
        while not await connection.fetchval(question):
            await asyncio.sleep(0.05)


OWNERS = "(SELECT count(DISTINCT owner) FROM lane WHERE lease_until > now())"
OWNED = "(SELECT count(owner) FROM lane WHERE lease_until > now())"


async def test_parts_run_apart_share_the_lanes_and_hand_them_on(url: str, tmp_path: Path) -> None:
    create_key_file(tmp_path / "shared.key")
    connection = await asyncpg.connect(url)
    first = await Part(tmp_path, url, "a", "send").ready()
    await until(connection, f"SELECT {OWNED} = 2")
    web = Part(tmp_path, url, "w", "web,receive")
    clock = Part(tmp_path, url, "c", "schedule")
    second = await Part(tmp_path, url, "b", "send").ready()
    try:
        await until(connection, f"SELECT {OWNERS} = 2 AND {OWNED} = 2")
        await until(connection, "SELECT count(*) = 4 FROM process")
        await connection.execute("UPDATE lane SET enabled = false WHERE name = 'sms'")
        await until(connection, "SELECT owner IS NULL FROM lane WHERE name = 'sms'")
        await connection.execute("UPDATE lane SET enabled = true WHERE name = 'sms'")
        await until(connection, f"SELECT {OWNERS} = 2 AND {OWNED} = 2")
        assert await first.end() == 0
        await until(connection, f"SELECT {OWNERS} = 1 AND {OWNED} = 2")
        assert await (await web.ready()).end() == 0
        assert await (await clock.ready()).end() == 0
        assert await second.end() == 0
        assert await connection.fetchval(f"SELECT {OWNED}") == 0
        assert await connection.fetchval("SELECT count(*) FROM process") == 0
    finally:
        for each in (first, second, web, clock):
            if each.process.poll() is None:
                each.process.kill()
                each.process.wait()
        await connection.close()

"""The real program: what it starts with, what stops it from starting, and that it says so in one clear line."""

import asyncio
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from core.crypto import create_key_file
from tests import postgres_server
from tests.faults.program import Program, run

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
NOWHERE = "http://127.0.0.1:9"
TOKENS = {"TWILIO__AUTH_TOKEN": "sms-token-77d1", "TELEGRAM__TOKEN": "4829:chat-token-77d1"}
CONTRACT = {
    "PUBLIC_URL": "https://lianxin.example.gov",
    "TIMEZONE": "Asia/Shanghai",
    "LOCALE": "zh-Hans",
    "TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO__SENDER": "+8657100000001",
    "TWILIO__API_URL": NOWHERE,
    "TWILIO__RATE": "10",
    "TELEGRAM__API_URL": NOWHERE,
    "TELEGRAM__WEBHOOK_SECRET": "hook-secret-77d1",
    "TELEGRAM__MODE": "polling",
    "TELEGRAM__RATE": "25",
    **TOKENS,
}
"""Every setting of the contract but those that say where the data are."""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    found = Program(tmp_path, CONTRACT)
    yield found
    found.end()
    assert "77d1" not in found.log, "a token stands in the log"
    assert "Traceback" not in found.log


def refusal(program: Program, settings: dict[str, str] | None = None) -> str:
    """Start it in vain; return the one line that it said."""
    ended = run(program.folder, program.settings if settings is None else settings, "serve")
    assert ended.returncode == 1, ended.stderr
    assert "77d1" not in ended.stdout + ended.stderr
    assert ended.stdout == ""
    lines = [line for line in ended.stderr.splitlines() if "[info " not in line]
    assert len(lines) == 1, lines
    return lines[0]


async def used_once(program: Program) -> Path:
    """Start it and end it in order; return its key file."""
    await program.start()
    assert await program.stop() == 0
    return program.folder / "lianxin-data.key"


async def test_an_empty_folder_is_enough(program: Program) -> None:
    key = await used_once(program)
    data = program.folder / "lianxin-data"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "lianxin.db").stat().st_mode) == 0o600


async def test_without_a_provider_it_runs_and_says_which_channel_is_off(program: Program) -> None:
    for name in (*TOKENS, "TWILIO__ACCOUNT_SID", "TWILIO__SENDER"):
        program.settings.pop(name)
    await used_once(program)
    assert program.log.count("channel.off") == 2


async def test_a_second_service_on_the_same_file_is_refused(program: Program) -> None:
    await program.start()
    line = refusal(program)
    assert "Another lianxin serve uses" in line
    assert "PostgreSQL" in line
    assert await program.stop() == 0


async def test_a_killed_service_leaves_no_lock_behind(program: Program) -> None:
    await program.start()
    await program.kill()
    await used_once(program)


async def test_the_command_line_works_beside_the_running_service(program: Program) -> None:
    await program.start()
    command = ("account", "add", "admin", "--name", "卞守仁", "--role", "sysadmin")
    made = run(program.folder, program.settings, *command, LIANXIN_NEW_PASSWORD="correct horse 77d1")
    assert (made.returncode, made.stdout) == (0, "admin may sign in now.\n"), made.stderr
    assert "卞守仁" not in made.stderr + program.log
    assert await program.stop() == 0


async def test_a_key_that_others_can_read_a_wrong_and_a_missing_one_stop_the_start(program: Program) -> None:
    key = await used_once(program)
    key.chmod(0o644)
    assert f"can be read by others. Run: chmod 600 {key}" in refusal(program)
    key.unlink()
    create_key_file(key)
    assert "not the one that this database was written with" in refusal(program)
    key.unlink()
    assert f"The key file {key} is missing" in refusal(program)
    assert not key.exists(), "a new key would make every row unreadable"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00"])
async def test_a_damaged_key_stops_the_start(program: Program, content: bytes) -> None:
    key = program.folder / "lianxin-data.key"
    key.write_bytes(content)
    key.chmod(0o600)
    assert str(key) in refusal(program)


async def test_a_taken_port_is_said_plainly(program: Program) -> None:
    await program.start()
    other = {**program.settings, "DATA_DIR": str(program.folder / "other")}
    assert str(program.port) in refusal(program, other)
    assert await program.stop() == 0


@pytest.fixture
def bare_postgres(postgres: postgres_server.Server) -> Iterator[str]:
    name = f"bare_{uuid.uuid4().hex[:12]}"
    asyncio.run(_on_server(postgres.url, f"CREATE DATABASE {name}"))
    yield postgres.database(name)
    asyncio.run(_on_server(postgres.url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_postgres_without_migrations_says_what_to_run(program: Program, bare_postgres: str) -> None:
    program.settings["DATABASE_URL"] = bare_postgres
    assert "Run: lianxin migrate" in refusal(program)
    done = run(program.folder, program.settings, "migrate")
    assert (done.returncode, done.stdout.splitlines()[0][:8]) == (0, "applied "), done.stderr
    assert run(program.folder, program.settings, "migrate").stdout.startswith("Nothing to do")
    await used_once(program)


async def test_a_postgres_that_is_not_there_is_said_plainly(program: Program) -> None:
    program.settings["DATABASE_URL"] = "postgres://lianxin:secret77d1@127.0.0.1:9/none"
    assert "cannot be reached" in refusal(program)

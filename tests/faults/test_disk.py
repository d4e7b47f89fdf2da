"""F16: the disk is full for a while. F17: a power cut leaves SQLite's log torn, at whichever page."""

import asyncio
import os
import resource
import shutil
import sqlite3
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from signal import SIGSTOP

import pytest

from models import sql
from models.database import close_database, open_database, sqlite_path
from models.inbound import Inbound
from tests.faults import prepared
from tests.faults.conftest import Begin
from tests.faults.harness import Trial, states
from tests.faults.test_inbound_twice import texted

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
ON_SQLITE = pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("prepared_url", ["postgres"], indirect=True)
SHORT_CODE = "10690001"
"""Who gets no answer: the ledger holds the run alone."""

IN_FLIGHT = 150
"""More than are ever on their way, or about to be, at once."""


@asynccontextmanager
async def full_disk(trial: Trial) -> AsyncIterator[None]:
    """Nothing more can be written: on SQLite by the program, not even its log; on PostgreSQL by the server."""
    if sql.is_postgres():
        await each_by_itself(FULL)
        yield
        await each_by_itself(SPACE)
        return
    with no_growth(trial):
        yield


TABLES = ("attempt", "message", "inbound", "receipt")
FULL = [
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
    *(f"CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON {each} EXECUTE FUNCTION full_disk()" for each in TABLES),
]
SPACE = [*(f"DROP TRIGGER disk_full ON {each}" for each in TABLES), "DROP FUNCTION full_disk"]


async def each_by_itself(statements: list[str]) -> None:
    """Locks of several tables at once would wait for each other with the program's."""
    for statement in statements:
        await sql.connection().execute_script(statement)


@contextmanager
def no_growth(trial: Trial) -> Iterator[None]:
    """No file of the program may reach beyond its first block."""
    assert trial.program.process is not None
    pid = trial.program.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


async def test_f16_a_full_disk_stops_sending_and_loses_nothing(begin: Begin) -> None:
    trial = await begin(rate=200, receipts=1)
    await trial.program.start()
    await trial.until_accepted(100)
    async with full_disk(trial):
        before = await trial.accepted()
        sent = await texted(trial, SHORT_CODE)
        assert sent["webhook_status"] == 503, "nothing is taken that cannot be kept"
        await asyncio.sleep(1)
        stopped = await trial.accepted()
        assert stopped <= before + IN_FLIGHT
        await asyncio.sleep(1)
        assert await trial.accepted() == stopped, "what cannot be written down is not sent"
        assert trial.program.is_running
    assert (await texted(trial, SHORT_CODE, sid=sent["sid"]))["webhook_status"] == 200
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert await Inbound.all().count() == 1
    assert await sound()


async def sound() -> bool:
    """Whether the file is whole; PostgreSQL's is the server's own matter."""
    return sql.is_postgres() or await sql.value("PRAGMA integrity_check") == "ok"


WAL_HEADER, FRAME_HEADER = 32, 24


def frames(wal: Path) -> list[tuple[int, bool]]:
    """Return where each frame ends, and whether it ends a transaction, up to the last one that does."""
    content = wal.read_bytes()
    page, salt = struct.unpack(">I", content[8:12])[0], content[16:24]
    found: list[tuple[int, bool]] = []
    for start in range(WAL_HEADER, len(content) - page - FRAME_HEADER + 1, page + FRAME_HEADER):
        header = content[start : start + FRAME_HEADER]
        if header[8:16] != salt:  # left over from before the log began anew
            break
        found.append((start + FRAME_HEADER + page, struct.unpack(">I", header[4:8])[0] > 0))
    while found and not found[-1][1]:
        found.pop()
    return found


Look = tuple[tuple[str, int], ...]


def look(path: Path, *, closely: bool) -> Look:
    """Open the file as a start would and return the run's messages by state; `closely` checks what must hold in it."""
    Path(f"{path}-shm").unlink(missing_ok=True)
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        if closely:
            assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            for what, statement in WRONG.items():
                assert database.execute(statement).fetchone() == (0,), what
        rows = database.execute("SELECT state, count(*) FROM message WHERE run_id IS NOT NULL GROUP BY 1 ORDER BY 1")
        return tuple((state, many) for state, many in rows.fetchall())
    finally:
        database.close()


WRONG = {
    "on its way without one open attempt": "SELECT count(*) FROM message m WHERE m.state = 'sending' AND 1 <>"
    " (SELECT count(*) FROM attempt t WHERE t.message_id = m.id AND t.outcome IS NULL)",
    "queued with an open attempt": "SELECT count(*) FROM message m JOIN attempt t ON t.message_id = m.id"
    " WHERE m.state = 'queued' AND t.outcome IS NULL",
    "accepted without an id or an accepted attempt": "SELECT count(*) FROM message m WHERE m.state = 'accepted'"
    " AND (m.provider_id IS NULL OR NOT EXISTS"
    " (SELECT 1 FROM attempt t WHERE t.message_id = m.id AND t.outcome = 'accepted'))",
}


@ON_SQLITE
async def test_f17_cut_at_every_page_the_log_holds_a_committed_state(
    begin: Begin, prepared_url: str, tmp_path: Path
) -> None:
    """Stopped in the middle of a run: each cut is a committed state, and the whole log knows all that was accepted."""
    trial = await begin(rate=500, receipts=0)
    path = sqlite_path(prepared_url)
    assert path is not None
    await trial.program.start()
    await trial.until_accepted(150)
    trial.program.signal(SIGSTOP)
    copy = tmp_path / "cut.db"
    shutil.copy(path, copy)
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    known = await trial.accepted()
    ends = frames(Path(f"{copy}-wal"))
    after = look(copy, closely=True)
    assert known <= sum(many for state, many in after if state != "queued"), "accepted there: no longer queued here"
    seen = cut_down(copy, ends)
    assert len(set(seen)) > 5
    assert all(sum(many for _, many in one) in (0, prepared.SIZE) for one in seen), "a fill is there or is not"
    await torn(trial, prepared_url)


def cut_down(copy: Path, ends: list[tuple[int, bool]]) -> list[Look]:
    """Cut the log at one page after the other, from its end; return the state after each commit."""
    commits: list[Look] = []
    between: list[Look] = []
    for end, last in [*reversed(ends), (WAL_HEADER, True)]:
        os.truncate(f"{copy}-wal", end)
        now = look(copy, closely=last)
        if not last:
            between.append(now)
            continue
        assert all(one == now for one in between), "a transaction cut in the middle never was"
        commits.append(now)
        between.clear()
    return commits


def tear(wal: Path) -> None:
    """Leave half a page of anything behind the last commit."""
    os.truncate(wal, frames(wal)[-1][0])
    with wal.open("ab") as tail:
        tail.write(os.urandom(3000))


async def torn(trial: Trial, url: str) -> None:
    """Pull the plug with half a page written behind the last commit; the program starts on it and ends the run."""
    await close_database()
    await trial.program.kill()
    tear(Path(f"{sqlite_path(url)}-wal"))
    await open_database(url, pool=4)
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert await sound()


async def test_f17_every_commit_is_synced_before_it_counts(begin: Begin) -> None:
    """What the promise about power cuts rests on: SQLite syncs its log at each commit, and it writes a log."""
    await begin()
    assert await states() is not None
    if sql.is_postgres():
        assert await sql.value("SHOW wal_level") is not None
        return
    assert await sql.value("PRAGMA journal_mode") == "wal"
    assert await sql.value("PRAGMA synchronous") == 2

"""Migrations: a whitelist of operations, safe to start twice, populated databases keep everything."""

import ast
import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException

from models import sql
from models.database import close_database, open_database
from models.ledger import LedgerEntry
from models.migrate import migrate_database
from models.org import Person, Unit

FOLDER = Path(__file__).parents[2] / "models" / "migrations"
ALLOWED = {"CreateModel", "AddField", "AddIndex", "RunSQL", "RunPython"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_uses_only_what_loses_nothing(path: Path) -> None:
    used = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ops"
    }
    assert used
    assert used <= ALLOWED


async def test_migrating_again_changes_nothing(db: str) -> None:
    unit = await Unit.create(code="U1", name_zh="一")
    await Person.create(name=b"x", unit=unit)
    await close_database()
    assert await migrate_database(db) == []
    await open_database(db)
    assert await Person.all().count() == 1


async def test_two_that_start_at_once_apply_each_migration_once(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'two.db'}"
    script = f"import asyncio; from models.migrate import migrate_database as m; print(len(asyncio.run(m('{url}'))))"
    import sys

    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE) for _ in "ab"
    ]
    said = sorted([int((await each.communicate())[0]) for each in started])
    assert said == [0, len(list(FOLDER.glob("0*.py")))]


async def test_the_ledger_refuses_change_and_removal(db: str) -> None:
    await LedgerEntry.create(
        seq=1, at=datetime(2026, 9, 14, tzinfo=UTC), event="filed", actor="a", commitment="c", leaf="l"
    )
    for statement in ("UPDATE ledger_entry SET event = 'x'", "DELETE FROM ledger_entry"):
        with pytest.raises((BaseORMException, asyncpg.PostgresError), match="append-only"):
            await sql.execute(statement)
    assert await LedgerEntry.all().count() == 1


async def test_a_row_that_points_nowhere_is_refused(db: str) -> None:
    with pytest.raises(BaseORMException):
        await sql.execute(
            "INSERT INTO consent (address_id, category, given, source, at) VALUES (99, 'x', $1, 'w', $2)",
            True,
            datetime(2026, 9, 14, tzinfo=UTC),
        )


def test_sqlite_waits_for_another_writer(tmp_path: Path, sqlite_template: Path) -> None:
    """A second process that writes meanwhile delays us; it does not make us fail."""
    import shutil

    path = tmp_path / "busy.db"
    shutil.copy(sqlite_template, path)

    async def write() -> None:
        await open_database(f"sqlite://{path}")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.3, other.execute, "ROLLBACK")
        async with sql.transaction():
            await Unit.create(code="U9", name_zh="九")
        other.close()
        assert await Unit.all().count() == 1
        await close_database()

    asyncio.run(write())

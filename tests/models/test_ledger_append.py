"""Appending by one statement: what the process remembers of the book may be wrong, the book never is."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from core.merkle import Frontier
from models import ledger_append, ledger_read, sql

NOW = datetime(2026, 9, 14, tzinfo=UTC)


async def append(event: str = "test") -> int:
    async with sql.transaction():
        return await ledger_append.append(None, event, "system", {"state": "received"}, NOW)


async def append_undone() -> None:
    """Append an entry whose transaction ends in an error, and nothing else of the process fails."""
    with suppress(ZeroDivisionError):
        async with sql.transaction():
            await ledger_append.append(None, "undone", "system", {}, NOW)
            raise ZeroDivisionError


async def check_book(size: int) -> None:
    tree, head = Frontier(), await ledger_read.head()
    async for row in ledger_read.rows():
        tree = tree.append(bytes.fromhex(row.leaf))
        assert row.detail is not None
    assert head is not None
    assert (tree.size, head.size, head.root) == (size, size, tree.root().hex())


async def test_a_transaction_that_is_undone_leaves_nothing_in_the_way(db: str) -> None:
    assert [await append(), await append()] == [0, 1]
    await append_undone()
    assert [await append(), await append()] == [2, 3]
    await check_book(4)


async def test_what_another_process_appended_meanwhile_is_seen(db: str) -> None:
    await append()
    remembered = ledger_append._last
    for _ in range(3):
        await append("theirs")
        ledger_append._last = remembered
    assert await append() == 4
    await check_book(5)


async def test_a_book_that_ended_otherwise_with_the_same_size_is_seen(db: str) -> None:
    await append()
    await append_undone()
    undone = ledger_append._last
    ledger_append._last = None
    await append("theirs")
    ledger_append._last = undone
    await append()
    await check_book(3)


async def test_many_at_once_stand_one_after_the_other(db: str) -> None:
    assert sorted(await asyncio.gather(*(append() for _ in range(20)))) == list(range(20))
    await check_book(20)


@pytest.mark.parametrize("begins", [None, "other"])
async def test_a_new_book_begins_whatever_is_remembered_of_another(db: str, begins: str | None) -> None:
    ledger_append._last = None if begins is None else ledger_append._Head("other", Frontier(), Frontier().root().hex())
    assert await append() == 0
    await check_book(1)

"""How many statements a message costs: a change that makes it more is seen here."""

from itertools import groupby
from typing import Any

import pytest

from models import ledger_append, sql
from tests.bot.conftest import Cast
from tests.bot.test_intercession import ANSWERS

COSTS = [
    # what is sent, and how many statements its handling takes, looking for the next one included
    ("帮助", 11),
    ("说情", 12),
    (ANSWERS[0], 11),
    (ANSWERS[1], 11),
    (ANSWERS[2], 11),
    ("上一步", 10),
    (ANSWERS[2], 11),
    ("放弃", 11),
    ("今天天气不错", 9),
    ("查询", 14),
    ("投诉 窗口没人", 31),
]


@pytest.fixture
async def statements(cast: Cast) -> list[str]:
    """Grows by every statement that SQLite runs; the other database is asked the same."""
    if sql.is_postgres():
        pytest.skip("counted on SQLite, the statements are the same")
    client: Any = sql.connection()
    await client.execute_query("SELECT 1")
    seen: list[str] = []
    await client._connection.set_trace_callback(seen.append)
    return seen


async def test_statements_for_each_message(cast: Cast, statements: list[str]) -> None:
    spent = []
    ledger_append._last = None  # what the process knows of another test's ledger
    for text, _ in COSTS:
        await cast.lin_sms.leaves(text)
        statements.clear()
        await cast.world.settle()
        handled = [each for each in statements if not each.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
        spent.append((text, len([each for each, _ in groupby(handled)])))  # a trigger's parts have its statement's text
    assert spent == COSTS

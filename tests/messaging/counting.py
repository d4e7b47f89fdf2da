"""Counting the statements that a piece of work costs."""

from typing import Any

import pytest

from models import sql


def count_statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by every statement of ours from now on (BEGIN and COMMIT apart)."""
    seen: list[str] = []
    rows, execute = sql.rows, sql.execute

    async def counted_rows(statement: str, *values: Any) -> Any:
        seen.append(statement)
        return await rows(statement, *values)

    async def counted_execute(statement: str, *values: Any) -> Any:
        seen.append(statement)
        return await execute(statement, *values)

    monkeypatch.setattr(sql, "rows", counted_rows)
    monkeypatch.setattr(sql, "execute", counted_execute)
    return seen

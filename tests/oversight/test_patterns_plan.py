"""Looking at one entry among 100,000 records: every statement uses an index, and there are few of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models import sql
from models.pattern import PatternCursor, RaisedAlert
from oversight import patterns
from oversight.rule import Rules
from tests.oversight.conftest import House

MANY = 100_000
BIG = ("record", "record_match", "pattern_mark", "ledger_entry", "ledger_detail", "alert_hit", "raised_alert")
MOST = 40
"""Statements for one entry of an intercession that raises nothing: six slots and what they read."""


async def fill(unit_id: int, group_id: int) -> None:
    """Records, hashes, marks and entries of years gone by: 100,000 pleas, some of one officer and one post."""
    begun = "2020-01-01 00:00:00+00:00"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY + 1000}) "
    await sql.execute(
        "INSERT INTO record (id, public_id, kind, kind_version, number, state, state_since, facts, tracks, unit_id,"
        " group_id, lang, channel, filed_at, lock_version) "
        f"{numbers} SELECT i, 'p' || i, 'intercession', 'v', 'SQ' || i, 'closed', '{begun}', '{{}}', '{{}}', {unit_id},"
        f" {group_id}, 'zh-Hans', 'sms', '{begun}', 1 FROM n"
    )
    for field in ("officer", "officer_post", "asker_name", "@owner"):
        await sql.execute(
            f"INSERT INTO record_match (record_id, field, hash) {numbers} SELECT i, '{field}', 'h' || (i % 400) FROM n"
        )
    for slot in ("RK04.1", "RK05.1", "RK15.1"):
        await sql.execute(
            f"INSERT INTO pattern_mark (slot, record_id, hash, day, who) {numbers} "
            f"SELECT '{slot}', i, 'h' || (i % 400), CAST('2020-01-01' AS DATE), 'w' FROM n"
            if sql.is_postgres()
            else f"INSERT INTO pattern_mark (slot, record_id, hash, day, who) {numbers} "
            f"SELECT '{slot}', i, 'h' || (i % 400), '2020-01-01', 'w' FROM n"
        )
    await sql.execute(
        f"INSERT INTO raised_alert (rule, hits_hash, at) {numbers} SELECT 'RK04', 'x' || i, '{begun}' FROM n"
    )
    await sql.execute(
        "INSERT INTO alert_hit (alert_id, record_id) "
        "SELECT id, id + 1001 - (SELECT MIN(id) FROM raised_alert) FROM raised_alert"
    )
    await sql.execute(
        "INSERT INTO ledger_entry (seq, at, event, record_id, actor, commitment, leaf) "
        f"{numbers} SELECT -i, '{begun}', 'filed', i, 'a', 'c', 'l' FROM n"
    )
    await sql.execute("ANALYZE")


@contextmanager
def seen(monkeypatch: pytest.MonkeyPatch, clients: set[type]) -> Iterator[list[tuple[str, list[Any]]]]:
    """The statements that run meanwhile, with their values."""
    found: list[tuple[str, list[Any]]] = []
    with monkeypatch.context() as patched:
        for client in clients:
            for name in ("execute_query", "execute_query_dict"):
                patched.setattr(client, name, _watched(getattr(client, name), found))
        yield found


def _watched(original: Any, found: list[tuple[str, list[Any]]]) -> Any:
    def watched(self: Any, query: str, values: Any = None) -> Any:
        if (query, list(values or [])) not in found[-1:]:  # one of the two functions may call the other
            found.append((query, list(values or [])))
        return original(self, query, values)

    return watched


async def plan(query: str, values: list[Any]) -> str:
    how = "EXPLAIN " if sql.is_postgres() else "EXPLAIN QUERY PLAN "
    return "\n".join(str(list(row.values())) for row in await sql.connection().execute_query_dict(how + query, values))


def scans(planned: str) -> list[str]:
    """The big tables that a plan reads from end to end."""
    found = []
    for line in planned.splitlines():
        for table in BIG:
            whole = f"Seq Scan on {table} " in line or f"Seq Scan on {table}'" in line
            whole |= line.rstrip("']").endswith(f"SCAN {table}")
            found += [line] if whole else []
    return found


async def test_no_statement_reads_a_table_from_end_to_end(
    house: House, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await house.plead("officer", occurred_at="2026-09-14")
    await house.gift("officer")
    while await patterns.step(house.office, house.kinds, rules):
        pass
    record = await house.record(first)
    await fill(int(record.unit_id or 0), record.group_id)
    await house.plead("officer_2", asker_name="别人")
    cursor = await PatternCursor.get(name=patterns.NAME)
    async with sql.transaction():
        clients = {type(sql.connection())}
    with seen(monkeypatch, clients | {type(sql.connection())}) as statements:
        assert await patterns.step(house.office, house.kinds, rules) == 1
    assert (await PatternCursor.get(name=patterns.NAME)).seq == cursor.seq + 1
    assert await RaisedAlert.filter(rule__not="RK04").count() == 0
    asked = {query: values for query, values in statements if query.lstrip().upper().startswith(("SELECT", "DELETE"))}
    assert len(statements) <= MOST, len(statements)
    assert len(asked) >= 6
    assert {query: found for query, values in asked.items() if (found := scans(await plan(query, values)))} == {}

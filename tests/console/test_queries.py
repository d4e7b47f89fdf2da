"""How many queries a page makes: pinned, so that one for each row of a list is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models import sql
from models.org import Person
from tests.console.conftest import sqlite_only
from tests.console.house import House
from tests.console.test_pages import filled

MOST = {
    ("integrity_head", "/returns"): 12,
    ("integrity_head", "/returns/silent"): 14,
    ("integrity_head", "/exports"): 11,
    ("integrity_head", "/counts"): 11,
    ("custodian", "/counts/new"): 14,
    ("integrity_head", "/rates"): 9,
    ("editor", "/"): 12,
    ("editor", "/reminders"): 9,
    ("editor", "/reminders/{campaign}"): 25,
    ("clerk", "/"): 25,
    ("clerk", "/records/complaint"): 14,
    ("clerk", "/records/complaint/{complaint}"): 40,
    ("clerk", "/keys"): 12,
    ("clerk", "/inbox"): 9,
    ("clerk", "/bulletins"): 10,
    ("integrity_head", "/waiting"): 44,
    ("integrity_head", "/records/risk_alert"): 16,
    ("integrity_head", "/records/intercession"): 16,
    ("integrity_head", "/rules"): 8,
    ("integrity_head", "/retention"): 64,
    ("integrity_head", "/reports"): 12,
    ("integrity_head", "/reports/R02"): 40,
    ("integrity_head", "/digest"): 60,
    ("sysadmin", "/people"): 9,
    ("sysadmin", "/accounts"): 8,
    ("sysadmin", "/"): 12,
    ("sysadmin", "/sending"): 16,
    ("sysadmin", "/sending/unknown"): 8,
    ("sysadmin", "/sending/unknown/others"): 10,
    ("sysadmin", "/sending/incidents"): 12,
    ("sysadmin", "/sending/messages"): 11,
}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    client, seen = type(sql.connection()), []
    for name in ("execute_query", "execute_query_dict", "execute_insert"):
        original = getattr(client, name)

        def watched(self: object, query: str, *rest: object, _original: object = original) -> object:
            seen.append(query)
            return _original(self, query, *rest)  # type: ignore[operator]

        monkeypatch.setattr(client, name, watched)
    yield seen
    monkeypatch.undo()


@sqlite_only
async def test_queries_of_each_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await Person.all().count() == 40
    over = {}
    for (role, path), most in MOST.items():
        async with await house.as_role(role) as browser:
            await browser.get(filled(house, path))
            with counted(monkeypatch) as seen:
                await browser.get(filled(house, path))
        if len(seen) > most or len(seen) < 3:
            over[role, path] = len(seen)
    assert not over

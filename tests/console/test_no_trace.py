"""What whoever may not know of an officer's entry can learn from any page: nothing, not even that something changed.

The matrix is made from the table of pages and the roles: every page that answers a GET, before an entry and after it.
"""

import logging
import re
from collections.abc import Mapping

import pytest

from console.guard import ANYBODY
from console.routes import PAGES
from messaging import addresses
from models import sql
from models.org import ConsoleSession, Grant, Person
from models.outgoing import Message
from models.record import Record
from oversight import patterns
from oversight.rule_file import load_rules
from people.roles import Role, roles
from records.filing import file
from records.source import Source
from tests.console.conftest import sqlite_only
from tests.console.house import House

OFFICER = "9021022"
COLLEAGUE = "9021023"
SECRETS = ("阮某某", "绝密货代", "请把第三个柜放掉", "信封里有钱", "说情人之子")
ENTRIES: Mapping[str, Mapping[str, str]] = {
    "intercession": {
        "occurred_at": "2026-09-14",
        "asker_name": SECRETS[0],
        "asker_unit_post": SECRETS[1],
        "matter": "1",
        "request": SECRETS[2],
        "response": "1",
    },
    "gift": {
        "received_at": "2026-09-14",
        "giver_name": SECRETS[0],
        "giver_org": SECRETS[1],
        "kind": "1",
        "description": SECRETS[3],
        "amount": "6000",
        "currency": "CNY",
        "handling": "3",
    },
}
READS = {
    "intercession": {"integrity_officer", "integrity_head"},
    "gift": {"integrity_officer", "integrity_head", "custodian"},
}
"""Who is meant to see an entry of a register at once, in his reach; the others are tried here."""

MAY_CHANGE = {
    ("sysadmin", "/"): "how many messages wait: duty notices look alike whatever they are about",
    ("sysadmin", "/sending"): "the same",
    ("sysadmin", "/sending/messages"): "the same, each with the end of the number it goes to",
    ("approver", "/"): "the same",
    ("leader", "/reports/R15"): "how many entries the whole ledger has, each page that somebody opens among them",
    ("auditor", "/reports/R15"): "the same",
}
"""What is not silent, and why it tells nothing of an entry: these pages are searched for its words instead."""

WORDS = ("intercession", "Intercession", "gift", "Gift", "说情", "红包", "SQ26", "HB26", "T-SQ", "T-HB", "DUTY-NEW")

_CHANGING = re.compile(r'name="form_token" value="[^"]*"|nonce-[\w-]+|nonce="[^"]*"')
QUERIES = ("", "?view=all&unit=U10A", "?view=all&number={number}")
MONTH = "?period=2026-09"


def paths_of(house: House, role: Role, number: str) -> list[str]:
    """Every GET page that a role may open, its places filled with what there is; lists also with each filter.

    The other pages answer 403 whatever there is: tests/console/test_rights.py.
    """
    known = {
        "campaign": [house.campaign.public_id],
        "kind": sorted(house.kinds.by_id),
        "record": [house.plea.public_id, house.complaint.public_id],
        "report": [f"R{each:02}" for each in range(1, 18)],
        "address": [house.talk],
        "message": [str(house.message)],
        "lane": [str(house.lane)],
    }
    found = []
    for page in PAGES:
        paths = [page.path] if page.method == "GET" and page.act in role.may | {ANYBODY} else []
        for name, values in known.items():
            mark = "{" + name + "}"
            paths = [path.replace(mark, value) for path in paths for value in (values if mark in path else [""])]
        found += [re.sub(r"{\w+}", "x", path) for path in paths]
    return [path + query.replace("{number}", number) for path in found for query in _queries(path)]


def _queries(path: str) -> tuple[str, ...]:
    if path.startswith("/records/"):
        return QUERIES if path.count("/") == 2 else ("",)
    return ("", MONTH) if path.startswith(("/reports/", "/returns")) else ("",)


async def seen_by(house: House, person: Person, paths: list[str]) -> dict[str, tuple[int, str]]:
    """Everything that a person's browser is given, without what changes with each request."""
    found = {}
    await ConsoleSession.filter(account__person_id=person.id).delete()  # his own account lists them
    async with await house.as_person(person, "en") as browser:
        for path in paths:
            async with browser.client.get(path, allow_redirects=False) as got:
                text = (await got.read()).decode(errors="replace")
                found[path] = (got.status, _CHANGING.sub("", text))
    return found


async def enter(house: House, kind: str) -> Record:
    """File an entry of the officer as the bot does, and let the rules look at it."""
    officer = await Person.get(staff_no=OFFICER)
    address = await addresses.find_or_create(house.office, "telegram", "900000022")
    source = Source(address.id, officer.id, "telegram", "zh-Hans", "bound_account")
    async with sql.transaction():
        filed = await file(house.office, house.kinds, kind, ENTRIES[kind], source)
    rules = load_rules(house.kinds, house.office.limits)
    while await patterns.step(house.office, house.kinds, rules):
        pass
    return await Record.get(id=filed.record_id)


async def become(person: Person, role: Role, unit_id: int | None) -> None:
    """Give somebody one role alone, in reach of the officer's unit."""
    await Grant.filter(person_id=person.id).delete()
    await Grant.create(person_id=person.id, role=role.id, scope_id=unit_id if role.reach == "units" else None)


@sqlite_only
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", sorted(ENTRIES))
async def test_nothing_changes_for_whoever_may_not_know(
    house: House, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    person, unit = await Person.get(staff_no=COLLEAGUE), (await Person.get(staff_no=OFFICER)).unit_id
    others = [role for role in roles().by_id.values() if role.id not in READS[kind] and "console.open" in role.may]
    assert {"unit_head", "area_leader", "leader", "clerk", "handler", "sysadmin", "auditor"} <= {r.id for r in others}
    before: dict[str, dict[str, tuple[int, str]]] = {}
    for role in others:
        await become(person, role, unit)
        before[role.id] = await seen_by(house, person, paths_of(house, role, "SQ26091400001"))
    told = await sql.value("SELECT coalesce(max(id), 0) FROM message")
    entry = await enter(house, kind)
    learned: list[tuple[str, ...]] = []
    for role in others:
        await become(person, role, unit)
        after = await seen_by(house, person, list(before[role.id]))
        changed = [path for path, seen in after.items() if seen != before[role.id][path]]
        learned += [(role.id, path) for path in changed if (role.id, path.partition("?")[0]) not in MAY_CHANGE]
        learned += [
            (role.id, path, word)
            for path in changed
            for word in WORDS
            if after[path][1].count(word) > before[role.id][path][1].count(word)
        ]
    assert not learned
    assert not await Message.filter(person_id=person.id, id__gt=told).exists()
    pages = "\n".join(text for of_role in before.values() for _, text in of_role.values())
    for secret in (*SECRETS, str(entry.number)):
        assert secret not in pages
        assert secret not in caplog.text

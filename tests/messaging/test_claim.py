"""What a claim takes next: fair among runs, by priority, and few rows read however many wait."""

from typing import Any

import pytest

from core.office import Office
from messaging import addresses
from models import claim_queries, sql
from models.campaign import Campaign, Run, RunText, Schedule
from models.claim_queries import Share
from models.org import Person
from tests.messaging.counting import count_statements


async def make_runs(office: Office, *many: int, category: str = "education") -> list[int]:
    """Runs with so many queued messages each, as a fill inserts them: one run after the other."""
    now = office.clock.now()
    author = await Person.create(name=office.key.encrypt("吴某"))
    campaign = await Campaign.create(title="x", audience={}, author=author, created_at=now, updated_at=now)
    schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
    made = []
    for round_, number in enumerate(many):
        run = await Run.create(
            campaign=campaign,
            schedule=schedule,
            due_at=now,
            round=round_,
            category=category,
            state="sending",
            audience={},
        )
        await RunText.create(run=run, lang="zh-Hans", text="x", segments=1)
        made.append(run.id)
        await add(office, number, run_id=run.id, category=category)
    return made


async def add(
    office: Office, many: int, run_id: int | None = None, category: str = "service", priority: int = 9
) -> None:
    for number in range(many):
        address_id = await addresses.find_or_create_id(office, "sms", f"+86138{number:08}")
        await sql.execute(
            "INSERT INTO message (dedupe_key, channel, address_id, run_id, category, priority, lang, state, queued_at,"
            " state_at, tries, segments) VALUES ($1, 'sms', $2, $3, $4, $5, 'zh-Hans', 'queued', $6, $6, 0, 1)",
            f"{run_id}:{category}:{number}",
            address_id,
            run_id,
            category,
            priority,
            office.clock.now(),
        )


async def claim(office: Office, most: int, **more: Any) -> list[dict[str, Any]]:
    async with sql.transaction():
        return await claim_queries.candidates("sms", office.clock.now(), most, **({"quiet": False} | more))


async def test_two_runs_share_every_claim(db: str, office: Office) -> None:
    first, second = await make_runs(office, 40, 6)
    rows = await claim(office, 10)
    assert [row["run_id"] for row in rows].count(first) == 5
    assert {row["run_id"] for row in rows[:2]} == {first, second}, "one of each in turn"
    assert [row["run_id"] for row in await claim(office, 20)].count(second) == 6, "what one lacks the other gives"
    assert len(await claim(office, 20)) == 20


async def test_of_many_runs_each_has_its_turn_even_one_by_one(db: str, office: Office) -> None:
    runs = await make_runs(office, 3, 3, 3)
    assert {(await claim(office, 1))[0]["run_id"] for _ in range(3)} == set(runs)


async def test_answers_and_duty_go_first_whatever_waits(db: str, office: Office) -> None:
    (run,) = await make_runs(office, 5)
    await add(office, 2, category="reply", priority=0)
    await add(office, 2, category="service", priority=5)
    (urgent,) = await make_runs(office, 2, category="duty")
    await sql.execute("UPDATE message SET priority = 5 WHERE run_id = $1", urgent)
    rows = await claim(office, 8)
    assert [(row["priority"], row["run_id"]) for row in rows] == [
        *[(0, None)] * 2,
        *[(5, None)] * 2,
        *[(5, urgent)] * 2,
        *[(9, run)] * 2,
    ]


@pytest.mark.parametrize("state", ["due", "filling", "paused"])
async def test_a_run_that_is_not_being_sent_is_left_alone(db: str, office: Office, state: str) -> None:
    held, other = await make_runs(office, 5, 5)
    await Run.filter(id=held).update(state=state)
    assert {row["run_id"] for row in await claim(office, 10)} == {other}


async def test_in_quiet_hours_bulk_waits_and_costs_nothing(db: str, office: Office) -> None:
    await make_runs(office, 5)
    (duty,) = await make_runs(office, 1, category="duty")
    await add(office, 1, category="education")
    await add(office, 1, category="service")
    rows = await claim(office, 10, quiet=True)
    assert [row["category"] for row in rows] == ["service", "duty"]
    assert rows[1]["run_id"] == duty


async def test_a_claim_is_two_statements_and_seeks_by_the_queue_s_index(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = await make_runs(office, 300, 300)
    if sql.is_postgres():
        await sql.execute("ANALYZE")
    seen = count_statements(monkeypatch)
    await claim(office, 50)
    assert len(seen) == 2
    monkeypatch.undo()
    asked: list[tuple[str, list[Any]]] = [(seen[0], ["sms"]), (seen[1], ["sms", office.clock.now(), *runs])]
    for statement, values in asked:
        plan = await _plan(statement, values)
        assert plan.count("message_queue") >= 2, plan
        if statement is seen[0]:
            assert "message_by_run" not in plan, "it leads through runs that are over"
        assert "Seq Scan on message" not in plan
        assert "SEARCH m USING INDEX message_by" not in plan
        assert "TEMP B-TREE" not in plan


async def _plan(statement: str, values: list[Any]) -> str:
    explain = "EXPLAIN" if sql.is_postgres() else "EXPLAIN QUERY PLAN"
    rows = await sql.rows(f"{explain} {statement}", *values)
    return "\n".join(str(row.get("QUERY PLAN") or row.get("detail")) for row in rows)


async def test_rows_of_another_lane_are_passed_over_once(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = await make_runs(office, 120)
    last = await addresses.find_or_create_id(office, "sms", "+86138" + f"{119:08}")
    share = Share(1, prefix="", total=last + 1, low=last, high=last + 1, homes=(1, 2))
    assert [row["address_id"] for row in await claim(office, 10, share=share)] == [last]
    first = count_statements(monkeypatch)
    assert [row["address_id"] for row in await claim(office, 10, share=share)] == [last]
    assert share.marks[run, False][1] > 0
    assert len(first) <= 6


async def test_a_share_that_is_empty_asks_nothing(db: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_runs(office, 5)
    seen = count_statements(monkeypatch)
    assert await claim(office, 10, share=Share(1, homes=(2,))) == []
    assert seen == []

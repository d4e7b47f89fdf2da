"""Lists of givers: asked for, approved by another person, taken once, never readable by anybody else."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from core.errors import Conflict, NotAllowed, NotThere, Refused
from models.ledger import LedgerEntry
from models.org import Organisation
from models.register import GiverExport
from oversight import giver_exports
from people.companies import write_companies
from people.company_rows import CompanyLine
from tests.oversight.conftest import House
from tests.records.test_gift import act, detail_of
from tests.records.test_transitions import messages

FIRST, LAST = dt.date(2026, 9, 1), dt.date(2026, 9, 14)


async def asked(house: House, reason: str = "纳入风险名单") -> str:
    return await giver_exports.ask(house.office, house.kinds, await house.actor("liaison"), FIRST, LAST, reason)


async def taken(house: House) -> list[str]:
    public_id = await asked(house)
    await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    file = await giver_exports.take(house.office, await house.actor("liaison"), public_id)
    return file.decode("utf-8-sig").split("\r\n")


async def test_what_stands_in_the_list(house: House) -> None:
    line = CompanyLine(2, "SLC015", "折桂报关行（虚构）", "折桂", "Zhegui Brokers", "broker")
    await write_companies([line])
    assert await Organisation.all().count() == 1
    await house.gift(amount="1000.00")
    await house.gift("officer_2", giver_org="折桂 报关行", amount="unknown")
    await house.gift("other_officer", giver_org="=HYPERLINK(1)", amount="700.00")
    await house.gift("yunxi", giver_org="unknown", giver_name="unknown")
    await house.gift("handler", received_at="2026-08-31")
    none = await house.gift("handler_2", giver_org="某行")
    await act(house, none, "integrity", "不属", reason="亲友往来")
    assert await taken(house) == [
        "company_code,company,gifts,amount_cny,without_amount",
        "SLC015,折桂报关行（虚构）,2,1000.00,1",
        ",,1,1000.00,0",
        ",'=HYPERLINK(1),1,700.00,0",
        "",
    ]


async def test_two_different_persons_and_only_those_who_may(house: House) -> None:
    for nobody in ("officer", "integrity", "custodian", "leader", "sysadmin", "integrity_head"):
        with pytest.raises(NotAllowed):
            await giver_exports.ask(house.office, house.kinds, await house.actor(nobody), FIRST, LAST, "看看都有谁")
    public_id = await asked(house)
    for nobody in ("liaison", "integrity", "leader", "officer"):
        with pytest.raises(NotAllowed):
            await giver_exports.approve(house.office, house.kinds, await house.actor(nobody), public_id)
    both = await house.actor("integrity_head")
    await GiverExport.all().update(asked_by_id=both.person_id)
    with pytest.raises(Refused, match="second_person"):
        await giver_exports.approve(house.office, house.kinds, both, public_id)


async def test_nothing_is_made_without_a_key(house: House) -> None:
    public_id = await asked(house)
    locked = await house.locked_actor("integrity_head")
    with pytest.raises(Refused, match="locked"):
        await giver_exports.approve(house.office, house.kinds, locked, public_id)
    assert [one.reason for one in await giver_exports.requests(house.office, locked)] == [""]
    holder = await house.actor("integrity_head")
    assert [one.reason for one in await giver_exports.requests(house.office, holder)] == ["纳入风险名单"]
    assert await giver_exports.requests(house.office, await house.actor("liaison")) != []


async def test_only_who_asked_takes_it_and_once(house: House) -> None:
    await house.gift()
    public_id = await asked(house)
    mine = await house.actor("liaison")
    with pytest.raises(Conflict):
        await giver_exports.take(house.office, mine, public_id)
    await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    with pytest.raises(Conflict):
        await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    with pytest.raises(NotThere):
        await giver_exports.take(house.office, replace(mine, person_id=mine.person_id + 1), public_id)
    with pytest.raises(Refused, match="locked"):
        await giver_exports.take(house.office, replace(mine, key=None), public_id)
    row = await GiverExport.get()
    assert row.content is not None
    stored = bytes(row.content) + bytes(row.reason) + json.dumps(await detail_of("export_approved")).encode()
    assert not [word for word in ("折桂", "许某", "风险") if word.encode() in stored]
    assert "折桂报关行" in (await giver_exports.take(house.office, mine, public_id)).decode()
    assert (await GiverExport.get()).content is None
    with pytest.raises(Conflict, match="over"):
        await giver_exports.take(house.office, mine, public_id)


async def test_a_list_that_nobody_takes_is_erased(house: House) -> None:
    public_id = await asked(house)
    await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    assert await giver_exports.step(house.office) == 0
    house.clock.advance(dt.timedelta(days=6))
    with pytest.raises(Conflict, match="over"):
        await giver_exports.take(house.office, await house.actor("liaison"), public_id)
    assert await giver_exports.step(house.office) == 1
    row = await GiverExport.get()
    assert (row.state, row.content) == ("expired", None)


async def test_a_refused_request_stays_refused(house: House) -> None:
    public_id = await asked(house)
    await giver_exports.refuse(house.office, await house.actor("integrity_head"), public_id)
    with pytest.raises(Conflict):
        await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    events = await LedgerEntry.filter(event__startswith="export").order_by("seq").values_list("event", flat=True)
    assert events == ["export_asked", "export_refused"]


@pytest.mark.parametrize(
    ("first", "last", "reason", "key"),
    [
        (LAST, FIRST, "纳入风险名单", "bad_days"),
        (FIRST, LAST + dt.timedelta(days=1), "纳入风险名单", "bad_days"),
        (FIRST, LAST, "  看 ", "reason"),
        (FIRST, LAST, "长" * 301, "reason"),
    ],
)
async def test_what_cannot_be_asked(house: House, first: dt.date, last: dt.date, reason: str, key: str) -> None:
    with pytest.raises(Refused, match=f"export.{key}"):
        await giver_exports.ask(house.office, house.kinds, await house.actor("liaison"), first, last, reason)
    assert await GiverExport.all().count() == 0


async def test_what_is_told_is_neutral(house: House) -> None:
    public_id = await asked(house)
    assert (await messages(house))[-1] == "有一份申请等您审批，请登录管理台。"
    await giver_exports.approve(house.office, house.kinds, await house.actor("integrity_head"), public_id)
    assert (await messages(house))[-1] == "您申请的材料已批准，请在9月19日前登录管理台领取，只能取一次。"


async def test_who_is_named_does_not_hand_it_on(house: House) -> None:
    """A gift that names the approver is left out of the list that he makes."""
    await house.gift(giver_name="石敢言")
    assert len(await taken(house)) == 2

"""Rates of exchange: taken in as a whole, used on the day of receipt or the last before, put aside by hand."""

import datetime as dt

import pytest

from core.errors import NotAllowed, Refused
from models import sql
from models.ledger import LedgerEntry
from models.register import ExchangeRate
from records.amending import amend
from records.rates import RatesReport, import_rates, read_rates
from tests.records.conftest import House
from tests.records.test_gift import act, both

HEAD = "day,currency,rate,source\n"
TABLE = (
    f"{HEAD}2026-09-01,USD,7.1,央行\n2026-09-10,USD,7.1036,央行\n2026-09-12,USD,7.2,央行\n2026-09-11,hkd,0.9105,央行\n"
)
TODAY = dt.date(2026, 9, 14)


async def taken_in(house: House, table: str = TABLE, who: str = "integrity") -> RatesReport:
    return await import_rates(house.office, await house.actor(who), table.encode(), "CNY")


async def test_the_rate_of_the_day_or_the_last_before(house: House) -> None:
    assert await taken_in(house) == RatesReport(added=4)
    filed = await house.gift(amount="200.00", currency="USD")
    facts = (await house.record(filed)).facts
    assert (facts["amount_cny"], facts["rate"], facts["rate_day"]) == (142072, "7.1036", "2026-09-10")
    assert (facts["amount"], facts["currency"]) == (20000, "USD")
    exact = (await house.record(await house.gift(amount="500.01", currency="HKD"))).facts
    assert (exact["amount_cny"], exact["rate_day"]) == (45526, "2026-09-11")
    record = await act(house, filed, "integrity", "核实")
    assert record.facts["amount_cny"] == 142072


async def test_without_a_rate_the_act_asks_for_yuan(house: House) -> None:
    await taken_in(house)
    for more in ({"currency": "EUR"}, {"currency": "USD", "received_at": "2026-08-31"}):
        filed = await house.gift(amount="200.00", **more)
        assert not {"amount_cny", "rate"} & (await house.record(filed)).facts.keys()
        with pytest.raises(Refused, match="missing"):
            await act(house, filed, "integrity", "核实")
        facts = (await act(house, filed, "integrity", "核实", amount_cny="1500")).facts
        assert (facts["amount_cny"], "rate" in facts) == (150000, False)


async def test_a_rate_that_comes_later_is_used_by_the_act(house: House) -> None:
    filed = await house.gift(amount="200.00", currency="USD")
    await taken_in(house)
    facts = (await act(house, filed, "integrity", "核实")).facts
    assert (facts["amount_cny"], facts["rate_day"]) == (142072, "2026-09-10")


async def test_an_amount_given_by_hand_puts_the_rate_aside(house: House) -> None:
    await taken_in(house)
    filed = await house.gift(amount="200.00", currency="USD")
    given = {"custody_no": "B-1", "receipt_no": "S-1", "amount_cny": "1400"}
    facts = (await both(house, filed, "custodian", "auditor", "接收", **given)).facts
    assert (facts["amount_cny"], "rate" in facts, "rate_day" in facts) == (140000, False, False)


async def test_an_answer_that_changes_the_amount_changes_its_worth(house: House) -> None:
    await taken_in(house)
    filed = await house.gift(amount="200.00", currency="USD")
    async with sql.transaction():
        values = {"amount": "300.00", "currency": "CNY"}
        await amend(house.office, house.kinds, filed.record_id, values, house.staff("officer"))
    facts = (await house.record(filed)).facts
    assert (facts["amount_cny"], "rate" in facts) == (30000, False)


async def test_the_same_table_again_changes_nothing_and_a_correction_one(house: House) -> None:
    await taken_in(house)
    assert await taken_in(house) == RatesReport(same=4)
    assert await taken_in(house, TABLE.replace("7.2,", "7.25,")) == RatesReport(changed=1, same=3)
    assert (await ExchangeRate.get(currency="USD", day="2026-09-12")).rate == "7.25"
    assert await LedgerEntry.filter(event="rates_imported").count() == 3


async def test_who_may_take_a_table_in(house: House) -> None:
    for nobody in ("officer", "custodian", "sysadmin", "port_head", "leader"):
        with pytest.raises(NotAllowed):
            await taken_in(house, who=nobody)
    assert await ExchangeRate.all().count() == 0


@pytest.mark.parametrize(
    ("row", "column", "key"),
    [
        ("2026-13-01,USD,7.1,央行", "day", "rates.day"),
        ("2026-09-15,USD,7.1,央行", "day", "rates.future"),
        ("2026-09-14,CNY,1,央行", "currency", "rates.currency"),
        ("2026-09-14,XYZ,1,央行", "currency", "rates.currency"),
        ("2026-09-14,USD,0,央行", "rate", "rates.rate"),
        ("2026-09-14,USD,-7,央行", "rate", "rates.rate"),
        ("2026-09-14,USD,NaN,央行", "rate", "rates.rate"),
        ("2026-09-14,USD,Infinity,央行", "rate", "rates.rate"),
        ("2026-09-14,USD,1e99,央行", "rate", "rates.rate"),
        ("2026-09-14,USD,0.00000000001,央行", "rate", "rates.rate"),
        ('2026-09-14,USD,"7,1",央行', "rate", "rates.rate"),
        ("2026-09-14,USD,7.1,=1+1", "source", "import.formula"),
        ("2026-09-14,USD,7.1,", "source", "import.empty_cell"),
        ("2026-09-01,USD,7.1,央行\n2026-09-01,usd,7.2,央行", "currency", "import.twice"),
    ],
)
def test_what_is_wrong_in_a_table(row: str, column: str, key: str) -> None:
    _, problems = read_rates(f"{HEAD}{row}\n".encode(), TODAY, "CNY")
    assert [(each.column, each.key) for each in problems] == [(column, key)]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfea", b"PK\x03\x04", b"day,currency\n1,2\n", b"\x00" * 9, "日期".encode("gbk")]
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    lines, problems = read_rates(data, TODAY, "CNY")
    assert problems
    assert lines == []


async def test_nothing_is_written_where_one_line_is_wrong(house: House) -> None:
    report = await taken_in(house, TABLE + "2026-09-13,USD,abc,央行\n")
    assert [problem.line for problem in report.problems] == [6]
    assert await ExchangeRate.all().count() == 0

"""Companies in records: counted by what they are, not by how they were written; their code stands nowhere in clear."""

from models import record_queries, sql
from people.importing import import_people
from records.amending import amend
from records.marks import company_mark, value_mark
from records.matching import FOUND
from tests.people.sample import COMPANIES
from tests.records.conftest import House
from tests.records.test_gift import act

SPELLINGS = ("折桂报关行", "星澜折桂报关行（虚构）", "Zhegui Brokers", "SLC015")


async def test_spellings_of_one_company_are_one_giver(house: House) -> None:
    await import_people(house.office, companies=COMPANIES)
    gifts = [await house.gift(giver_org=name, giver_name=f"许{place}") for place, name in enumerate(SPELLINGS)]
    mark = company_mark(house.office, "SLC015")
    for gift in gifts:
        assert await record_queries.matches(gift.record_id, "giver_org") == {mark}
        assert await record_queries.matches(gift.record_id, "giver_org" + FOUND) == {mark}
    await act(house, gifts[0], "integrity", "核实")
    await act(house, gifts[1], "integrity", "核实")
    assert "publish_reasons" not in (await house.record(gifts[0])).facts
    assert (await house.record(gifts[1])).facts["publish_reasons"] == "r1"


async def test_what_means_no_company_is_kept_as_it_was_written(house: House) -> None:
    await import_people(house.office, companies=COMPANIES)
    gift = await house.gift(giver_org="某报关行")
    assert await record_queries.matches(gift.record_id, "giver_org") == {value_mark(house.office, "某报关行")}
    assert await record_queries.matches(gift.record_id, "giver_org" + FOUND) == frozenset()


async def test_the_later_answer_takes_the_place_of_the_earlier(house: House) -> None:
    await import_people(house.office, companies=COMPANIES)
    plea = await house.plead(on_behalf_of="折桂报关行")
    for name, code in (("素舸货运", "SLC007"), ("素舸货运代理", "SLC007")):
        async with sql.transaction():
            await amend(house.office, house.kinds, plea.record_id, {"on_behalf_of": name}, house.staff("officer"))
        found = await record_queries.matches(plea.record_id, "on_behalf_of" + FOUND)
        assert found == {company_mark(house.office, code)}
    async with sql.transaction():
        await amend(house.office, house.kinds, plea.record_id, {"on_behalf_of": "unknown"}, house.staff("officer"))
    assert await record_queries.matches(plea.record_id, "on_behalf_of" + FOUND) == frozenset()


async def test_the_code_of_a_company_stands_nowhere_in_clear(house: House) -> None:
    await import_people(house.office, companies=COMPANIES)
    await house.plead(on_behalf_of="SLC007")
    for table in ("record", "statement", "record_match", "ledger_detail", "ledger_entry"):
        assert "SLC007" not in str(await sql.rows(f"SELECT * FROM {table}"))

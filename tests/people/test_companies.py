"""Companies: imported, found by what somebody writes, never by what could be several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.office import Office
from models.org import Organisation, OrganisationKey
from people.companies import find_company
from people.company_names import chosen, key_of, keys_of
from people.importing import import_people
from tests.people.sample import COMPANIES, load_sample

MEANT = [
    ("SLC007", "SLC007"),
    ("slc007 ", "SLC007"),
    ("星澜素舸货运代理有限公司（虚构）", "SLC007"),
    ("星瀾素舸貨運代理有限公司", "SLC007"),
    ("素舸货运", "SLC007"),
    ("素 舸 货运代理", "SLC007"),
    ("星澜素舸货运代理有限公司的周经理", "SLC007"),
    ("Suge", "SLC007"),
    ("suge forwarding co., ltd.", "SLC007"),
    ("折桂报关行", "SLC015"),
    ("石桥口运输车队", "SLC011"),
]
NOT_MEANT = [
    "货运代理",
    "素舸货代经理",
    "某公司",
    "某报关行",
    "星澜",
    "进出口有限公司",
    "Forwarding",
    "不详",
    "",
    "%",
    "_",
]


@pytest.fixture
async def sample(db: str, office: Office) -> None:
    await load_sample(office)


async def test_what_a_text_means(sample: None) -> None:
    assert {text: await find_company(text) for text, _ in MEANT} == dict(MEANT)
    assert {text: await find_company(text) for text in NOT_MEANT} == dict.fromkeys(NOT_MEANT)


async def test_a_second_import_changes_nothing_and_a_change_is_named(sample: None, office: Office) -> None:
    keys = await OrganisationKey.all().count()
    again = await import_people(office, companies=COMPANIES)
    assert (again.companies.added, again.companies.changed, again.companies.same) == ((), (), 16)
    assert await OrganisationKey.all().count() == keys
    row = "company_code,name_zh,short_zh\nSLC007,星澜素舸国际物流有限公司,素舸\n"
    report = await import_people(office, companies=row.encode())
    assert [(one.code, one.columns) for one in report.companies.changed] == [
        ("SLC007", ("name_zh", "short_zh", "name_en", "kind"))
    ]
    assert len(report.companies.missing) == 15
    assert [await find_company(text) for text in ("素舸", "素舸国际", "素舸货运代理")] == ["SLC007", "SLC007", None]


async def test_a_dry_run_and_a_fault_write_nothing(db: str, office: Office) -> None:
    report = await import_people(office, companies=COMPANIES, dry_run=True)
    assert (len(report.companies.added), report.written) == (16, False)
    head = "company_code,name_zh\n"
    faulty = await import_people(office, companies=(head + "A1,甲公司\nA1,乙公司\nA 2,=丙\n,丁\n").encode())
    assert [(one.file, one.line, one.column) for one in faulty.problems] == [
        ("companies", 3, "company_code"),
        ("companies", 4, "company_code"),
        ("companies", 4, "name_zh"),
        ("companies", 5, "company_code"),
    ]
    assert await Organisation.all().count() == 0


async def test_names_that_two_companies_share_mean_neither(db: str, office: Office) -> None:
    rows = "company_code,name_zh\nA1,江城远帆贸易有限公司\nA2,江城远帆贸易（北区）有限公司\nA3,江城远帆物流有限公司\n"
    await import_people(office, companies=rows.encode())
    assert await find_company("江城远帆贸易有限公司") is None
    assert await find_company("江城远帆") is None
    assert await find_company("江城远帆物流") == "A3"
    assert await find_company("A2") == "A2"


@given(st.text(max_size=200))
def test_any_text_has_a_spelling_that_stays(text: str) -> None:
    key = key_of(text)
    assert len(key) <= 160
    assert "%" not in key
    assert "_" not in key


@given(st.dictionaries(st.from_regex(r"C[0-9]{3}", fullmatch=True), st.text(min_size=1, max_size=30), max_size=8))
def test_a_code_always_means_its_company(names: dict[str, str]) -> None:
    pairs = [(code, key) for code, keys in keys_of({c: (n,) for c, n in names.items()}).items() for key in keys]
    for code in names:
        others = {other for other, key in pairs if key == key_of(code)}
        assert chosen(key_of(code), pairs) == (code if others == {code} else None)

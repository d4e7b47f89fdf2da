"""The register of docs/how-to-add-a-register.md: one file added, and it works by chat, SMS, console and report."""

import re
import shutil
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import bot
import campaigns
import oversight
import people
import records
from bot.parts import Bot
from bot.recognition_data import load_keywords
from bot.register_words import with_registers
from console import security
from console.app import install
from core.errors import InvalidData
from core.limits import Limits
from core.texts import Texts
from models.record import Record
from oversight.periods import parse_period
from oversight.reports import load_reports, make
from people.sessions import open_session
from records.acts import do_act
from records.kind import Kinds
from records.kind_texts import texts_of
from records.loading import FOLDER, load_kinds
from tests.bot.conftest import LIN_CODE, Cast, keys
from tests.console.browser import Browser
from tests.keys import account_with_key, unlocked

PAGE = Path(__file__).parents[2] / "docs" / "how-to-add-a-register.md"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of kinds with the file that the page shows."""
    made = tmp_path_factory.mktemp("registers") / "kinds"
    shutil.copytree(FOLDER, made)
    shown = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert shown
    (made / "outside_work.yaml").write_text(shown[1])
    return made


@pytest.fixture(scope="session")
def texts(folder: Path) -> Texts:
    catalogues = (people.TEXTS, records.TEXTS, campaigns.TEXTS, oversight.TEXTS, bot.TEXTS)
    return Texts.load(*catalogues).adding(texts_of(folder))


@pytest.fixture(scope="session")
def kinds(texts: Texts, limits: Limits, folder: Path) -> Kinds:
    return load_kinds(texts, limits, folder)


@pytest.fixture
def agency(cast: Cast, kinds: Kinds) -> Cast:
    """The cast with the bot that knows the register."""
    cast.world.bot = Bot.make(cast.world.office, kinds)
    return cast


async def test_it_is_filed_by_chat_acted_on_and_counted(agency: Cast, kinds: Kinds) -> None:
    office = agency.world.office
    asked = await agency.lin_chat.sends("兼职登记")
    assert keys(asked) == ["ask.outside_work.organisation"]
    assert keys(await agency.lin_chat.sends("市航运学会")) == ["ask.outside_work.since"]
    assert keys(await agency.lin_chat.sends("0901")) == ["ask.outside_work.pay"]
    filed = await agency.lin_chat.sends("2")
    assert "outside_work.receipt" in keys(filed)
    record = await Record.get(kind="outside_work")
    assert (record.state, record.facts["pay"], record.facts["since"]) == ("filed", "2", "2026-09-01")
    assert "航运" not in str(record.facts)
    head = await unlocked(office, kinds, agency.staff["integrity_head"].id)
    await do_act(office, kinds, head, record.public_id, "知悉", {})
    assert (await Record.get(id=record.id)).state == "noted"
    await agency.world.settle()
    assert "T-CLOSED-NEUTRAL" in keys(await agency.lin_chat.reads())
    reports = load_reports(kinds)
    report = await make(office, reports, "R00-outside_work", parse_period("2026-09"), head)
    assert report.total is not None
    counted = dict(zip([column.id for column in report.columns], report.total, strict=True))
    assert (counted["entries"], counted["open"], counted["state.noted"]) == (1, 0, 1)


async def test_the_console_shows_it_to_its_readers_and_to_nobody_else(agency: Cast, kinds: Kinds) -> None:
    for said in ("outside work", "市航运学会", "0901", "1"):
        await agency.lin_chat.sends(said)
    record = await Record.get(kind="outside_work")
    app = web.Application()
    install(app, agency.world.office, kinds)
    async with TestServer(app, host="127.0.0.1") as server:
        for role, status in (("integrity_head", 200), ("unit_head", 404)):
            person = agency.staff[role]
            await unlocked(agency.world.office, kinds, person.id)
            account, key = await account_with_key(agency.world.office, person.id)
            async with Browser(str(server.make_url("/")), "en") as browser:
                token = await open_session(agency.world.office, account.id, key)
                browser.take(security.session_cookie_name(agency.world.office), token)
                assert (await browser.get("/records/outside_work")).status == status
                page = await browser.get(f"/records/outside_work/{record.public_id}")
                assert page.status == status
                assert (f"{record.number}" in page.words, "Have it given up" in page.words) == (status == 200,) * 2


async def test_it_is_filed_by_one_line_and_the_signing_code(agency: Cast) -> None:
    said = await agency.lin_sms.sends("兼职#市航运学会#0901#1")
    assert keys(said) == ["T-SIGN-ASK"]
    assert "航运" not in said[0].text
    assert "outside_work.receipt" in keys(await agency.lin_sms.sends(LIN_CODE))
    assert (await Record.get(kind="outside_work")).facts["proof"] == "signing_code"


async def test_whoever_is_not_bound_is_asked_to_bind_first(agency: Cast) -> None:
    assert "T-BIND-FIRST" in keys(await agency.wang.sends("兼职登记"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("exact: [兼职登记,", "exact: [投诉,", "投诉 belongs to COMPLAINT"),
        ("keyword: OUTSIDE_WORK", "keyword: GIFT", "knows GIFT already"),
    ],
)
def test_words_that_are_taken_are_refused(
    folder: Path, tmp_path: Path, texts: Texts, limits: Limits, old: str, new: str, said: str
) -> None:
    changed = altered(folder, tmp_path, old, new)
    kinds = load_kinds(texts, limits, changed)
    with pytest.raises(InvalidData, match=said):
        with_registers(load_keywords(), kinds)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  outside_work.usage:", "  T-HELP-STAFF:", "a register names its sentences"),
        ('{no}。", en', '{nothing}。", en', "variables differ"),
        ("outside_work.usage: {zh: 兼职#单位#日期#报酬, ", "outside_work.usage: {", "zh is missing"),
    ],
)
def test_sentences_that_cannot_be_are_refused(folder: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidData, match=rf"outside_work.yaml, line \d+: .*{said}"):
        texts_of(altered(folder, tmp_path, old, new))


def test_words_without_a_line_are_refused(folder: Path, tmp_path: Path, texts: Texts, limits: Limits) -> None:
    with pytest.raises(InvalidData, match=r"line \d+: words are lists"):
        load_kinds(texts, limits, altered(folder, tmp_path, "  form: [兼职, 兼職, outside]\n", ""))


def altered(folder: Path, tmp_path: Path, old: str, new: str) -> Path:
    made = tmp_path / "kinds"
    shutil.copytree(folder, made)
    file = made / "outside_work.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    return made

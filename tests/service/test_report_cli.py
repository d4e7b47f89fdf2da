"""`lianxin report` as somebody at the machine uses it: files for an account that may have them, exit codes 0, 1, 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from models import ledger_read
from models.database import close_database, open_database
from models.org import Person
from people.accounts import create_account
from service.opening import open_installation
from service.settings import Settings
from tests.people.sample import load_sample

LIANXIN = str(Path(sys.executable).with_name("lianxin"))
PASSWORD = "a long enough phrase"
TABLES = Path(__file__).parents[1] / "data"


def lianxin(folder: Path, *words: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    bare["LIANXIN_PASSWORD"] = password
    return subprocess.run(
        [LIANXIN, "report", *words], cwd=folder, env=bare, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """An installation in a folder, with the accounts `head` and `clerk`."""
    async with open_installation(Settings(data_dir=tmp_path / "lianxin-data")) as installation:
        await load_sample(installation.office)
        for login, staff_no in (("head", "9021004"), ("clerk", "9021010")):
            person = await Person.get(staff_no=staff_no)
            await create_account(installation.office, person.id, login, PASSWORD)
    return tmp_path


@pytest.mark.timeout(300)
async def test_a_report_is_printed_for_an_account_and_noted(folder: Path) -> None:
    listed = lianxin(folder, "list")
    assert (listed.returncode, "R01" in listed.stdout) == (0, True), listed.stderr
    words = ("print", "R01", "--period", "2026-09", "--lang", "en", "--login", "head", "--out", "r01.pdf")
    made = lianxin(folder, *words)
    assert (made.returncode, made.stdout) == (0, "Written: r01.pdf\n"), made.stderr
    assert "September 2026" in PdfReader(folder / "r01.pdf").pages[0].extract_text()
    assert (folder / "r01.pdf").stat().st_mode & 0o077 == 0
    again = lianxin(folder, *words)
    assert (again.returncode, "never overwritten" in again.stderr) == (2, True)
    await open_database(f"sqlite://{folder / 'lianxin-data' / 'lianxin.db'}")
    try:
        events = [row.entry.event async for row in ledger_read.rows()]
    finally:
        await close_database()
    assert events.count("printed") == 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("words", "password", "code", "why"),
    [
        (("R01", "--period", "2026-09", "--login", "head"), "wrong", 1, "password"),
        (("R01", "--period", "2026-09", "--login", "clerk"), PASSWORD, 1, "You have no right"),
        (("R99", "--period", "2026-09", "--login", "head"), PASSWORD, 1, "There is no report R99"),
        (("R01", "--period", "soon", "--login", "head"), PASSWORD, 1, "Please write the period"),
        (("R01", "--period", "2026-09", "--login", "head", "--format", "odt"), PASSWORD, 2, "write one of pdf"),
        (("R01", "--period", "2026-09", "--login", "head", "--lang", "fr"), PASSWORD, 2, "write one of zh-Hans"),
    ],
)
async def test_what_cannot_be_printed_is_said(
    folder: Path, words: tuple[str, ...], password: str, code: int, why: str
) -> None:
    said = lianxin(folder, "print", *words, "--out", "x.pdf", password=password)
    assert (said.returncode, said.stdout) == (code, "")
    assert why in " ".join(said.stderr.split()), said.stderr
    assert not (folder / "x.pdf").exists()


@pytest.mark.timeout(300)
async def test_what_reports_are_made_from_is_imported(folder: Path) -> None:
    done = lianxin(folder, "import", "sanctions", str(TABLES / "sanctions_2005.csv"))
    rows = len((TABLES / "sanctions_2005.csv").read_text().strip().split("\n")) - 1
    assert (done.returncode, done.stdout) == (0, f"sanctions: {rows} rows.\n"), done.stderr
    (folder / "bad.csv").write_text("unit_id,period,matters\nU99,2005-01,3\n")
    bad = lianxin(folder, "import", "matters", "bad.csv")
    assert (bad.returncode, "nothing was written" in bad.stderr, "line 2" in bad.stderr) == (1, True, True)
    assert lianxin(folder, "import", "people", "bad.csv").returncode == 2

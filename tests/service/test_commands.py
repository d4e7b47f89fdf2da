"""The command line, as a process in an empty folder: first administrator, import, check, clear refusals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "service" / "demo" / "sample"
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def lianxin(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run a command in an empty folder; return exit code and everything it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}

    def run(*words: str, typed: str | None = None, **more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", "from service.cli import main; main()", *words],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(SAMPLE.parents[2]), **more},
            capture_output=True,
            text=True,
            input=typed,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_first_administrator_on_an_empty_folder(lianxin) -> None:  # type: ignore[no-untyped-def]
    new = {"LIANXIN_NEW_PASSWORD": PASSWORD}
    code, said = lianxin("account", "add", "admin", "--name", "江流石", "--role", "sysadmin", **new)
    assert (code, "admin may sign in now" in said) == (0, True)
    code, said = lianxin("account", "list")
    assert "admin\tactive\tsysadmin" in said
    assert "江流石" not in said
    for words, wanted in (
        (("account", "add", "admin", "--name", "x"), "is taken"),
        (("account", "add", "b", "--staff-no", "77"), "Import the staff first"),
        (("account", "add", "b", "--name", "x", "--role", "king"), "There is no role king"),
        (("account", "disable", "nobody"), "There is no account nobody"),
        (("account", "add", "b"), "--staff-no"),
    ):
        code, said = lianxin(*words, **new)
        assert code != 0, words
        assert wanted in said, said
        assert PASSWORD not in said


def test_a_weak_password_leaves_nothing_behind(lianxin) -> None:  # type: ignore[no-untyped-def]
    code, said = lianxin("account", "add", "admin", "--name", "x", LIANXIN_NEW_PASSWORD="short")
    assert code == 1
    assert "short" not in said.replace("shorter", "").replace("too short", "")
    assert lianxin("account", "list") == (0, "")


def test_people_are_imported_with_a_report_all_or_nothing(lianxin, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = ("--units", str(SAMPLE / "org_units.csv"), "--staff", str(SAMPLE / "staff.csv"))
    more = ("--companies", str(SAMPLE / "companies.csv"))
    code, said = lianxin("people", "import", *files)
    assert (code, "nothing was written" in said) == (1, True)  # the invented numbers are not valid ones
    assert "line 2, phone" in said
    assert "100000000001" not in said
    code, said = lianxin("people", "import", *files, *more, "--possible-phones")
    assert code == 0, said
    assert "companies: 16 new, 0 changed, 0 unchanged" in said
    assert "staff: 40 new, 0 changed, 0 unchanged" in said
    code, said = lianxin("people", "import", *files, "--possible-phones")
    assert "staff: 0 new, 0 changed, 40 unchanged" in said


def test_check_names_what_it_found_and_a_lost_key(lianxin, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, said = lianxin("check")
    assert code == 0, said
    kinds = next(line for line in said.splitlines() if line.startswith("Kinds: "))
    assert {"complaint", "gift", "intercession", "risk_alert"} <= set(kinds[len("Kinds: ") : -1].split(", "))
    assert "Risk rules: 1" in said
    (tmp_path / "lianxin-data.key").unlink()
    code, said = lianxin("check")
    assert (code, "is missing" in said) == (1, True)


def test_a_lost_key_comes_back_by_two_halves(lianxin) -> None:  # type: ignore[no-untyped-def]
    new = {"LIANXIN_NEW_PASSWORD": PASSWORD}
    lianxin("account", "add", "head", "--name", "石敢言", "--role", "integrity_head", **new)
    code, said = lianxin("keys", "recovery", typed="\n\n")
    assert code == 0, said
    one, other = (line.strip() for line in said.splitlines() if len(line.split()) == 16)
    assert one != other
    assert "integrity_office: nobody holds it yet, recovery key: yes" in lianxin("keys", "show")[1]
    for words, typed, wanted in (
        (("recovery",), "", "There is a recovery key already"),
        (("recover", "nothing", "--account", "head"), "", "There is no key group nothing"),
        (("recover", "integrity_office", "--account", "nobody"), "", "There is no account nobody"),
        (("recover", "integrity_office", "--account", "head"), f"{one}\n{one}\n", "Both are the half"),
        (("recover", "integrity_office", "--account", "head"), f"{one}\n{other[:-1]}2\n", "slip"),
    ):
        code, said = lianxin("keys", *words, typed=typed)
        assert (code, wanted in said) == (1, True), said
    code, said = lianxin("keys", "recover", "integrity_office", "--account", "head", typed=f"{other}\n{one}\n")
    assert (code, "holds the key of integrity_office now" in said) == (0, True), said
    assert "integrity_office: held by 1, recovery key: yes" in lianxin("keys", "show")[1]
    assert "until somebody who holds the key admits it again" in lianxin("account", "password", "head", **new)[1]
    assert lianxin("keys", "clean")[0] == 0

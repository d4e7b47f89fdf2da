"""What holds for the whole tree: layers, no address of a package index, no path of one machine, no stray marks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / name
    for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    if name and (ROOT / name).is_file()
]
FORBIDDEN = {
    "a package index": re.compile(
        r"(?i)(--(extra-)?index" r"-url|pypi\.org/simple|files\.pythonhosted|/" r"-/[a-z0-9.-]+\.tgz)"
    ),
    "a path of one machine": re.compile(r"/(?:wo" r"rk|fa" r"rm|opt/pypi)/"),
    "an unfinished mark": re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b:?(?=\s)"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = []
    for path in FILES:
        if path.suffix in {".png", ".jpg"} or path == Path(__file__):
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FORBIDDEN[what].finditer(text)]
    assert not found


def test_imports_go_downward_only() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize(
    ("vendor", "only"),
    [
        ("telegram", "messaging/telegram.py"),
        ("twilio", "messaging/twilio_sms.py"),
        ("apscheduler", "service/"),
    ],
)
def test_vendors_stay_at_the_edge(vendor: str, only: str) -> None:
    pattern = re.compile(rf"^\s*(?:from|import) {vendor}\b", re.MULTILINE)
    outside = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.suffix == ".py"
        and not str(path.relative_to(ROOT)).startswith(("tests/", "bench/", only))
        and pattern.search(path.read_text())
    ]
    assert outside == []


def test_files_stay_readable() -> None:
    long = [str(path) for path in FILES if path.suffix == ".py" and path.read_text().count("\n") > 420]
    assert [path for path in long if "/migrations/" not in path] == []


def test_sql_stands_in_models_only() -> None:
    pattern = re.compile(r"sql\.(?:rows|row|value|execute|execute_many)\(")
    outside = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.suffix == ".py"
        and not str(path.relative_to(ROOT)).startswith(("models/", "tests/", "bench/"))
        and pattern.search(path.read_text())
    ]
    assert outside == []

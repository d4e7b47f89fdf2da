"""The documentation is complete and true: reference, refusals, names of files, links."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from console.words import words
from core.texts import Texts
from service.opening import CATALOGUES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RAISED = {"Refused", "NotAllowed", "Conflict", "TooLong"}
PACKAGES = ("core", "models", "messaging", "people", "campaigns", "records", "oversight", "bot", "console", "service")


def test_the_reference_is_what_the_data_say(tmp_path: Path) -> None:
    written = tmp_path / "reference.md"
    code = f"import reference; open('{written}', 'w').write(reference.reference())"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "scripts")
    assert written.read_text() == (ROOT / "docs" / "reference.md").read_text(), "run scripts/reference.py"


def raised_keys() -> set[str]:
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in RAISED and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


def test_every_refusal_is_said_in_a_sentence() -> None:
    texts = Texts.load(*CATALOGUES)
    keys = raised_keys()
    assert len(keys) > 30
    assert sorted(key for key in keys if f"refused.{key}" not in words() and key not in texts.by_key) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if not link.startswith("http")]
    assert [link for link in links if not (page.parent / link).exists()] == []
    named = re.findall(
        r"\b((?:core|models|messaging|people|campaigns|records|bot|console|service|sandbox|tests)/[\w/]+\.\w+)", text
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_package_is_in_the_folder_map() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [
        name for name in (*PACKAGES, "sandbox", "tests", "docs", "bench", "scripts") if f"`{name}/`" not in readme
    ] == []


@pytest.mark.parametrize("module", ["kind_file", "machine_file", "form_file"])
def test_every_key_of_a_kind_file_is_described(module: str) -> None:
    import importlib

    page = (ROOT / "docs" / "kinds.md").read_text()
    loaded = importlib.import_module(f"records.{module}")
    keys = {key for name in vars(loaded) if name.endswith("_KEYS") for key in getattr(loaded, name)}
    assert keys
    assert sorted(key for key in keys - {"zh", "hant", "en"} if not re.search(rf"\b{key}\b", page)) == []

"""docs/life-of-a-message.md is true: every file that it names is there, with every function in it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "life-of-a-message.md"


def _rows() -> list[tuple[list[str], list[str]]]:
    """The files and the functions of each line of the tables."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split("|")] for line in lines]
    return [(files, names) for _, files, names in cells if files]


@cache
def _names_in(file: str) -> frozenset[str]:
    """What a file defines: functions, methods, classes, and names at its top."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    made = {
        each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    top = [
        each.target if isinstance(each, ast.AnnAssign) else each.targets[0]
        for each in tree.body
        if isinstance(each, ast.AnnAssign | ast.Assign)
    ]
    return frozenset(made | {each.id for each in top if isinstance(each, ast.Name)})


def test_the_page_tells_both_stories() -> None:
    assert len(_rows()) > 40


@pytest.mark.parametrize(("files", "names"), _rows(), ids=lambda value: ",".join(value))
def test_each_line_is_true(files: list[str], names: list[str]) -> None:
    assert names
    for file in files:
        assert _names_in(file) & set(names), f"{file} has none of {names}"
    missing = set(names) - frozenset().union(*(_names_in(file) for file in files))
    assert not missing

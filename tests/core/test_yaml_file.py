"""Data files are read strictly, and their errors name the place."""

from pathlib import Path

import pytest

from core import yaml_file
from core.errors import InvalidData


def test_words_stay_words_and_lines_are_known(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: no\nb: true\nc:\n  - 2026-09-14\n  - {x: 1, y: '2'}\n", encoding="utf-8")
    data = yaml_file.read(path)
    assert data == {"a": "no", "b": True, "c": ["2026-09-14", {"x": 1, "y": "2"}]}
    assert (yaml_file.line_of(data, "c"), yaml_file.line_of(data["c"], 1), yaml_file.line_of(data["c"][1], "y")) == (
        3,
        5,
        5,
    )


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3", "stands twice"),
        ("- 1\n", "line 1", "no mapping"),
        ("a: 1\nb: [\n", "line 3", "no YAML"),
        ("a: !!python/object:os.system x\n", "line 1", "no YAML"),
    ],
)
def test_wrong_files_are_refused_with_their_place(tmp_path: Path, text: str, place: str, reason: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidData, match=reason) as caught:
        yaml_file.read(path)
    assert (caught.value.file, caught.value.place) == ("x.yaml", place)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="cannot be read"):
        yaml_file.read(tmp_path / "none.yaml")

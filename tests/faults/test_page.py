"""docs/faults.md names every fault that is tested here, in the file that tests it."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parents[1] / "docs" / "faults.md").read_text()


def test_every_fault_that_is_tested_stands_on_the_page_with_its_file() -> None:
    rows = [row.split("|") for row in PAGE.splitlines() if row.startswith("| ") and row.count("|") == 4]
    told = {
        (int(fault), file)
        for _, what, _, files, _ in rows
        for fault in re.findall(r"\bF(\d+)", what)
        for file in re.findall(r"test_\w+\.py", files)
    }
    tested = {
        (int(fault), path.name)
        for path in FOLDER.glob("test_*.py")
        for fault in re.findall(r"^(?:async )?def test_f(\d+)_", path.read_text(), re.MULTILINE)
    }
    assert len(tested) > 20
    assert sorted(tested - told) == []

"""The table of random kills can be read again, so that a long run may go on where it was cut off."""

from tests.faults.tables import full_table, read_full, summary
from tests.faults.worker import Row

ROWS = [
    Row("sqlite", 0, 15.0, [], 40, 100, 430, 75, 0, 0),
    Row("sqlite", 25, 9.0, ["a person was written to twice"], 490, 0, 490, 0, 1, 0),
    Row("postgres", 3, 48.0, [], 1, 2, 3, 4, 0, 0),
]


def test_a_table_comes_back_as_its_rows() -> None:
    assert read_full(full_table(ROWS)) == ROWS
    assert "1 FAILED" in summary(ROWS)

"""A CSV file that somebody sends: decoded, its header checked, its rows with their line numbers. Pure.

Every fault is a `Problem` with line, column and reason; nothing raises. UTF-8 with or without a byte order mark is
read; other encodings are refused by their name, because guessing would spoil names silently.
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.texts import Texts

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_PROBLEMS: Final = 1000
_MAGIC: Final = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "pdf"}
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: in which file and line (1 is the header), which column (empty: the whole line), and why."""

    file: str
    line: int
    column: str
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def say(self, texts: Texts, lang: str) -> str:
        """Return the reason as a sentence; it never repeats what a cell held."""
        return texts.say(self.key, lang, **self.values)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins and its cells by column, trimmed; a column that is not there is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds, or what is wrong with it. `columns` are those of its header."""

    file: str
    columns: frozenset[str] = frozenset()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(file: str, data: bytes, known: Collection[str], required: Collection[str]) -> Table:
    """Read a file whose header holds known columns, the required ones among them, in any order."""
    if len(data) > MOST_BYTES:
        return _refused(file, "import.huge", max=MOST_BYTES // 1024 // 1024)
    text = _decode(file, data)
    if isinstance(text, Table):
        return text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if problems := _header_problems(file, header, known, required):
            return Table(file, problems=tuple(problems))
        return _read_rows(file, header, reader)
    except csv.Error:
        return _refused(file, "import.not_csv", line=reader.line_num, what="CSV")


def _refused(file: str, key: str, line: int = 1, **values: Any) -> Table:
    return Table(file, problems=(Problem(file, line, "", key, values),))


def _decode(file: str, data: bytes) -> str | Table:
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            return _refused(file, "import.not_csv", what=name)
    if data.startswith(_UTF16):
        return _refused(file, "import.encoding", what="UTF-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        guess = _encoding_of(data)
        return _refused(file, "import.encoding", what=guess) if guess else _refused(file, "import.encoding_unknown")
    return _refused(file, "import.not_csv", what="NUL") if "\0" in text else text


def _encoding_of(data: bytes) -> str | None:
    """Which Chinese encoding the bytes are likely to be: the one in which they are mostly everyday characters."""
    likely: list[tuple[float, str]] = []
    for codec, name, plain in (("gb18030", "GBK", "gb2312"), ("big5", "Big5", "big5")):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        wide = [character for character in text if ord(character) > 127]
        usual = sum(1 for character in wide if "\u4e00" <= character <= "\u9fff" and _encodes(character, plain))
        likely.append((usual / max(1, len(wide)), name))
    return max(likely)[1] if likely else None


def _encodes(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _header_problems(file: str, header: list[str], known: Collection[str], required: Collection[str]) -> list[Problem]:
    if len(header) <= 1 and (found := [mark for mark in ";\t|" if mark in "".join(header)]):
        return [Problem(file, 1, "", "import.not_csv", {"what": {"\t": "Tab"}.get(found[0], found[0])})]
    missing = [Problem(file, 1, one, "import.column_missing", {"item": one}) for one in required if one not in header]
    strange = [
        Problem(file, 1, one, "import.column_unknown", {"item": one[:40] or "?"})
        for one in dict.fromkeys(header)
        if one not in known
    ]
    twice = [
        Problem(file, 1, one, "import.column_twice", {"item": one[:40]})
        for one in dict.fromkeys(header)
        if header.count(one) > 1
    ]
    return missing + strange + twice


def _read_rows(file: str, header: list[str], reader: Any) -> Table:
    rows: list[Row] = []
    problems: list[Problem] = []
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) == len(header):
                rows.append(Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
            elif len(problems) < MOST_PROBLEMS:
                shape = {"n": len(cells), "max": len(header)}
                problems.append(Problem(file, line, "", "import.row_shape", shape))
        line = reader.line_num + 1
    if not rows and not problems:
        problems.append(Problem(file, 1, "", "import.empty"))
    return Table(file, frozenset(header), tuple(rows), tuple(problems))

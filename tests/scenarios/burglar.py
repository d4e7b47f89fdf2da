"""What somebody finds who copied the database and the key file: every blob tried with every key that they hold."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.crypto import Sealed, ServiceKey, unseal
from core.errors import KeyFileError
from models import sql

SHORTEST, LONGEST = 4 + 12 + 16, 900
_HEX = re.compile(r"(?:[0-9a-f]{2}){32,}")
_TABLES = {
    True: "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    False: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
}


async def values_of_every_table() -> list[Any]:
    """Every value of every row, as a dump of the database holds it."""
    tables = [str(row["name"]) for row in await sql.rows(_TABLES[sql.is_postgres()])]
    assert {"record", "statement", "message", "inbound", "open_question", "key_group"} <= set(tables)
    return [value for table in tables for row in await sql.rows(f'SELECT * FROM "{table}"') for value in row.values()]


def copied_files(database: Path, folder: Path) -> list[bytes]:
    """The files of a SQLite database as they lie on the disk while the service runs, copied."""
    copies = [shutil.copy(each, folder) for each in sorted(database.parent.glob(database.name + "*"))]
    assert sqlite3.connect(folder / database.name).execute("SELECT COUNT(*) FROM record").fetchone()[0]
    return [Path(each).read_bytes() for each in copies]


class Burglar:
    """Holds the key file. `found` is every text that he could read."""

    def __init__(self, key: ServiceKey) -> None:
        self.key = key
        self.found: list[str] = []
        self.keys: set[bytes] = set()
        self._sealed: list[bytes] = []

    def look(self, values: Iterable[Any]) -> None:
        """Look into values, into what they hold when opened, and into what that holds."""
        for value in values:
            if isinstance(value, str):
                self._text(value)
            elif isinstance(value, (bytes, bytearray, memoryview)):
                self._blob(bytes(value))

    def _text(self, text: str) -> None:
        self.found.append(text)
        for hexed in _HEX.findall(text):
            self._blob(bytes.fromhex(hexed))

    def _blob(self, blob: bytes) -> None:
        self._sealed.append(blob)
        try:
            opened = self.key.decrypt_bytes(blob)
        except KeyFileError:
            return
        if len(opened) == 32:
            self.keys.add(opened)
        self._text(opened.decode("utf-8", "replace"))
        for text in _strings(opened):
            self._text(text)

    def carve(self, raw: bytes) -> int:
        """Try whatever in a file begins like something that the service key wrote, at any length; return how many."""
        opened, at = 0, raw.find(self.key._newest)
        while at >= 0:
            for length in range(SHORTEST, LONGEST):
                try:
                    self.found.append(self.key.decrypt(raw[at : at + length]))
                except (KeyFileError, UnicodeDecodeError):
                    continue
                opened += 1
                break
            at = raw.find(self.key._newest, at + 1)
        return opened

    def unseal(self, statements: Iterable[tuple[bytes, bytes]], keys: Iterable[bytes]) -> None:
        """Try every key that was found, and others, on the sealed statements and on everything else."""
        pairs = [Sealed(*each) for each in statements] + [Sealed.of(each) for each in self._sealed if len(each) > 120]
        for private in {*self.keys, *keys}:
            for sealed in pairs:
                try:
                    self.found += list(_strings(unseal(private, sealed)))
                except (KeyFileError, ValueError):
                    continue

    def has(self, seed: str) -> bool:
        """Whether one of the texts that he read holds it."""
        return any(seed in text for text in self.found)


def _strings(opened: bytes) -> Iterator[str]:
    try:
        whole = json.loads(opened)
    except ValueError:
        return
    todo = [whole]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += each.values()
        elif isinstance(each, list):
            todo += each

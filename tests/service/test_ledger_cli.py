"""`lianxin ledger` as an auditor uses it: exit codes 0, 1 and 2, and what it says."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.clock import SystemClock
from models import ledger_append, sql
from service.opening import open_installation
from service.settings import Settings

LIANXIN = str(Path(sys.executable).with_name("lianxin"))


def lianxin(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    return subprocess.run(
        [LIANXIN, "ledger", *words], cwd=folder, env=bare, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """An installation in a folder with a book of five entries."""
    async with open_installation(Settings(data_dir=tmp_path / "lianxin-data")):
        for _ in range(5):
            async with sql.transaction():
                await ledger_append.append(None, "test", "system", {"state": "received"}, SystemClock().now())
    return tmp_path


async def test_an_auditor_verifies_export_and_database(folder: Path) -> None:
    (folder / "key.txt").write_text(lianxin(folder, "key").stdout)
    made = lianxin(folder, "checkpoint", "--qr", "--svg", "qr.svg")
    assert made.returncode == 0, made.stderr
    note = made.stdout[: made.stdout.index("\n", made.stdout.index("—")) + 1]
    (folder / "old.txt").write_text(note)
    assert "<svg" in (folder / "qr.svg").read_text()
    assert lianxin(folder, "export", "book.jsonl").returncode == 0
    assert lianxin(folder, "export", "book.jsonl").returncode == 1, "a file is never overwritten"
    for where in ((), ("--file", "book.jsonl")):
        sound = lianxin(folder, "verify", *where, "--key", "key.txt", "--checkpoint", "old.txt")
        assert (sound.returncode, sound.stderr) == (0, "")
        assert "SOUND: 5 entries" in sound.stdout
        assert "first 5 under one from outside" in sound.stdout
    forged = (folder / "book.jsonl").read_text().replace('"event":"test"', '"event":"read"', 1)
    (folder / "book.jsonl").write_text(forged)
    broken = lianxin(folder, "verify", "--file", "book.jsonl", "--key", "key.txt")
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "BROKEN: entry 0: it was altered" in broken.stderr
    with sqlite3.connect(folder / "lianxin-data" / "lianxin.db") as database:
        database.execute("DROP TRIGGER ledger_entry_no_delete")
        database.execute("DELETE FROM ledger_entry WHERE seq = 2")
    broken = lianxin(folder, "verify", "--key", "key.txt")
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "BROKEN: entry 2: it is missing" in broken.stderr


async def test_one_entry_is_proved_without_the_book(folder: Path) -> None:
    key = lianxin(folder, "key").stdout.strip()
    proof = lianxin(folder, "prove", "3", "--details")
    assert proof.returncode == 0, proof.stderr
    (folder / "entry.tlog-proof").write_text(proof.stdout)
    words = ("verify", "--proof", "entry.tlog-proof", "--key", key)
    sound = lianxin(folder, *words)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert "entry 3 (test," in sound.stdout
    assert '"state":"received"' in sound.stdout
    assert "received" not in lianxin(folder, "prove", "3").stdout
    (folder / "entry.tlog-proof").write_text(proof.stdout.replace("index 3", "index 2"))
    assert lianxin(folder, *words).returncode == 1
    (folder / "entry.tlog-proof").write_text("no proof")
    assert lianxin(folder, *words).returncode == 2
    beyond = lianxin(folder, "prove", "5")
    assert (beyond.returncode, beyond.stdout) == (2, "")
    assert "0 to 4" in beyond.stderr


async def test_what_cannot_be_told(folder: Path, tmp_path: Path) -> None:
    key = lianxin(folder, "key").stdout.strip()
    for words, said in (
        (("verify",), "--key"),
        (("verify", "--key", "none.txt"), "cannot be read"),
        (("verify", "--key", "a+b"), "no verifier key"),
        (("verify", "--key", key, "--file", "none.jsonl"), "cannot be read"),
        (("verify", "--key", key, "--checkpoint", "none.txt"), "cannot be read"),
        (("verify", "--key", key), "no checkpoint covers them"),
    ):
        answer = lianxin(folder, *words)
        assert answer.returncode == 2, answer
        assert said in answer.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no database" in lianxin(empty, "verify", "--key", key).stderr


def test_an_empty_book_says_so(tmp_path: Path) -> None:
    for words in (("key",), ("checkpoint",)):
        answer = lianxin(tmp_path, *words)
        assert answer.returncode == 1
        assert "empty" in answer.stderr

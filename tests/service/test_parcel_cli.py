"""`lianxin parcel` as a receiver uses it: no database, no settings; exit codes 0 and 1."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from records.parcels import make_parcel

LIANXIN = str(Path(sys.executable).with_name("lianxin"))

WRONG = [("p.json", "other.key"), ("cut.json", "mine.key"), ("none.json", "mine.key"), ("p.json", "p.json")]


def lianxin(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    return subprocess.run(
        [LIANXIN, "parcel", *words], cwd=folder, env=bare, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_receiver_makes_a_key_and_opens_a_parcel(tmp_path: Path) -> None:
    made = lianxin(tmp_path, "key", "mine.key")
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((tmp_path / "mine.key").stat().st_mode) == 0o600
    public = made.stdout.splitlines()[-1]
    assert (tmp_path / "mine.key").read_text().strip() not in made.stdout
    assert lianxin(tmp_path, "key", "mine.key").returncode == 1, "a key is never overwritten"
    (tmp_path / "p.json").write_text(make_parcel(public, {"no": "YS26091500078", "content": "甲乙"}))
    opened = lianxin(tmp_path, "open", "p.json", "--key", "mine.key")
    assert opened.returncode == 0, opened.stderr
    assert "甲乙" in opened.stdout


def test_another_key_or_a_cut_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    public = lianxin(tmp_path, "key", "mine.key").stdout.splitlines()[-1]
    lianxin(tmp_path, "key", "other.key")
    parcel = make_parcel(public, {"no": "YS26091500078"})
    (tmp_path / "p.json").write_text(parcel)
    (tmp_path / "cut.json").write_text(parcel[:40])
    for file, key in WRONG:
        refused = lianxin(tmp_path, "open", file, "--key", key)
        assert (refused.returncode, refused.stdout) == (1, ""), (file, key)
        assert refused.stderr.strip()
        assert "Traceback" not in refused.stderr

"""What a register says of its own: the sentences under `says` of its file, beside the one catalogue.

So that a register is one file: its questions stand in it. A sentence is named `ask.<kind>.<field>` or `<kind>.<name>`.
"""

from pathlib import Path
from typing import Final

from core.texts import Text, checked_text
from core.yaml_file import read
from records.spot import LANGUAGES, Spot

FOLDER: Final = Path(__file__).parent / "kinds"
_HAS_SENTENCES: Final = "\nsays:"


def texts_of(folder: Path = FOLDER) -> dict[str, Text]:
    """Return the sentences of every kind of a folder. Raises InvalidData with file, line and reason."""
    found: dict[str, Text] = {}
    for path in sorted(folder.glob("*.yaml")):
        if _HAS_SENTENCES in path.read_text(encoding="utf-8"):
            found |= _sentences(Spot(path, read(path)))
    return found


def _sentences(spot: Spot) -> dict[str, Text]:
    kind, says = spot.text("kind"), spot.sub("says")
    return {key: _sentence(says, key, kind) for key in says.node}


def _sentence(says: Spot, key: str, kind: str) -> Text:
    if not key.startswith((f"ask.{kind}.", f"{kind}.")):
        says.refuse(f"{key}: a register names its sentences ask.{kind}.<field> or {kind}.<name>", key)
    spot = says.sub(key)
    spot.only(frozenset({*LANGUAGES, "segments"}))
    segments = spot.node.get("segments", 1)
    try:
        return checked_text(key, spot.titles(), segments)
    except ValueError as error:
        says.refuse(f"{key}: {error}", key)

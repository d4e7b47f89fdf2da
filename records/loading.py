"""Reading the kinds of a folder; a wrong file is refused with its line and the reason."""

from pathlib import Path

from core.limits import Limits
from core.texts import Texts
from records.kind import Kinds

FOLDER = Path(__file__).parent / "kinds"


def load_kinds(texts: Texts, limits: Limits, folder: Path = FOLDER) -> Kinds:
    """Return the kinds of a folder, checked against the catalogue and the limits. Raises InvalidData."""
    raise NotImplementedError

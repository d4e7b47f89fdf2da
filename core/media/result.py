"""What became of a file that was looked at: fit to be kept, or not taken, with the sentence that says why."""

from dataclasses import dataclass
from typing import Final

DAMAGED: Final = "file.damaged"
TOO_LARGE: Final = "file.too_large"
BAD_TYPE: Final = "file.bad_type"
HEIC_PICTURE: Final = "file.heic"
ACTIVE: Final = "file.active"
LOCKED: Final = "file.locked"
REASONS: Final = (DAMAGED, TOO_LARGE, BAD_TYPE, HEIC_PICTURE, ACTIVE, LOCKED)


class Unfit(Exception):
    """A file is not taken; `key` is the sentence that says why. It never holds anything of the file."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file fit to be kept, and what it is."""

    media: str
    data: bytes

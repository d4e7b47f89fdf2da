"""Names of persons from rows that carry them encrypted."""

from collections.abc import Mapping
from typing import Any

from console.visit import Visit


def name_in(visit: Visit, row: Mapping[str, Any]) -> str:
    """Return the name of a row with `name` and `name_en`: Latin letters for English pages where known."""
    key = visit.office.key
    if visit.lang == "en" and row["name_en"] is not None:
        return key.decrypt(bytes(row["name_en"]))
    return key.decrypt(bytes(row["name"]))

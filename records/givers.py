"""Which fields of a kind say who gave what: what lists of givers are made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from records.spot import Spot


@dataclass(frozen=True, slots=True)
class GiverFields:
    """The fields of the company, the amount in the home currency and the day; records in `without` do not count."""

    company: str
    amount: str
    day: str
    without: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a list reads."""
        return (self.company, self.amount, self.day)


def read_givers(kind: Spot, types: Mapping[str, str]) -> GiverFields:
    """Return what stands under `givers`; `types` maps each field to its type. Raises InvalidData with the line."""
    spot = kind.sub("givers")
    spot.only(frozenset({"company", "amount", "day", "without"}))
    for key, wanted in (("company", "line"), ("amount", "money"), ("day", "date")):
        if types.get(spot.text(key)) != wanted:
            spot.refuse(f"{key} names a field of type {wanted}", key)
    return GiverFields(spot.text("company"), spot.text("amount"), spot.text("day"), spot.texts("without"))

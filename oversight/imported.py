"""The imported tables that columns of reports may count, and the names that they may use of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.conditions import Comparison, Condition
from models.report_queries import Place, Test
from oversight.places import FALSE, TRUE


@dataclass(frozen=True, slots=True)
class Table:
    """A table: where each name stands, and which values the names with a closed list may have."""

    name: str
    places: Mapping[str, Place]
    choices: Mapping[str, tuple[str, ...]]

    def tests(self, condition: Condition) -> tuple[Test, ...]:
        """Return the tests of a condition over this table."""
        return tuple(self._test(item) for item in condition.items if isinstance(item, Comparison))

    def _test(self, item: Comparison) -> Test:
        values = item.values
        if self.choices.get(item.field) == FLAG:
            values = tuple(each for value in values for each in (TRUE if value == "true" else FALSE))
        return Test(self.places[item.field], item.op, values)


FLAG: Final = ("true", "false")
SANCTIONS: Final = ("party", "admin", "org", "criminal")
TABLES: Final[Mapping[str, Table]] = {
    "sanctions": Table(
        "sanction",
        {
            "kind": Place("kind"),
            "published": Place("published"),
            "decided_on": Place("decided_on", sort="day"),
            "person": Place("person"),
        },
        {"kind": SANCTIONS, "published": FLAG},
    ),
}

"""One page of a long list, with the addresses of the pages before and after it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from console.visit import Visit

SIZE: Final = 50
_MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class Slice:
    """Where a page stands in its list: `first` and `last` count from one."""

    number: int
    total: int
    path: str
    query: dict[str, str]
    size: int = SIZE

    @property
    def first(self) -> int:
        """The place of its first row."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The place of its last row."""
        return min(self.number * self.size, self.total)

    @property
    def before(self) -> str | None:
        """The address of the page before it."""
        return self._address(self.number - 1) if self.number > 1 else None

    @property
    def after(self) -> str | None:
        """The address of the page after it."""
        return self._address(self.number + 1) if self.last < self.total else None

    def _address(self, number: int) -> str:
        kept = {name: value for name, value in self.query.items() if value}
        return f"{self.path}?{urlencode(kept | {'page': str(number)})}"


def page_number(visit: Visit) -> int:
    """Return the page that was asked for; nonsense is the first."""
    asked = visit.query("page")
    return min(max(int(asked), 1), _MOST) if asked.isdecimal() and len(asked) < 6 else 1


def sliced(visit: Visit, rows: list[dict[str, object]], *names: str) -> Slice:
    """Return the place of rows that carry `total`; `names` are the filters that the next page keeps."""
    total = int(str(rows[0]["total"])) if rows else 0
    return Slice(page_number(visit), total, visit.request.path, {name: visit.query(name) for name in names})


def offset(visit: Visit) -> int:
    """Return how many rows stand before the page that was asked for."""
    return (page_number(visit) - 1) * SIZE

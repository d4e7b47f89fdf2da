"""The places in the side of every page: only those that the visitor may enter, so that no other leaves a trace."""

from dataclasses import dataclass
from typing import Final

from console.visit import Visit


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: its words are `nav.<key>`."""

    key: str
    href: str
    icon: str
    here: bool


_PLACES: Final = (
    ("start", "/", "home", "console.open"),
    ("waiting", "/waiting", "check", "records.view"),
    ("bulletins", "/bulletins", "book", "console.open"),
    ("reminders", "/reminders", "bell", "campaign.view"),
    ("records", "/records", "folder", "records.view"),
    ("rules", "/rules", "shield", "rules.view"),
    ("retention", "/retention", "clock", "records.retain"),
    ("reports", "/reports", "chart", "console.open"),
    ("digest", "/digest", "calendar", "digest.view"),
    ("counts", "/counts", "check", "count.view"),
    ("exports", "/exports", "shield", "export.view"),
    ("returns", "/returns", "calendar", "returns.view"),
    ("inbox", "/inbox", "inbox", "inbox.view"),
    ("keys", "/keys", "key", "records.view"),
    ("people", "/people", "people", "people.view"),
    ("accounts", "/accounts", "key", "account.manage"),
    ("sending", "/sending", "send", "queue.view"),
)


def places(visit: Visit) -> list[Place]:
    """Return the places that the visitor may enter."""
    path = visit.request.path
    return [
        Place(key, href, icon, path == href or (href != "/" and path.startswith(f"{href}/")))
        for key, href, icon, act in _PLACES
        if visit.may(act)
    ]

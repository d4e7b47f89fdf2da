"""What is looked at when a bulletin is issued: who was sent it."""

from collections.abc import Awaitable, Callable, Mapping

from models.org import Person
from tests.scenarios.people import contacts
from tests.scenarios.play import Play


async def _sent_to(play: Play, wanted: str) -> None:
    """Every active member of staff with a phone or chat got exactly one message of the issue."""
    assert wanted == "all active staff"
    staff = await Person.filter(kind="staff", status="active").values_list("staff_no", flat=True)
    reached = {each: contacts()[each] for each in staff if contacts()[each].phone or contacts()[each].chat}
    counts = {
        each: sum(1 for heard in play.kept["sent"] if heard.to in {contact.phone, contact.chat})
        for each, contact in reached.items()
    }
    assert set(counts.values()) == {1}, counts
    assert len(play.kept["sent"]) == len(counts)


CHECKS: Mapping[str, Callable[[Play, str], Awaitable[None]]] = {"sent_to": _sent_to}

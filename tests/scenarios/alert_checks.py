"""What is looked at of risk alerts: which rule raised one for the record of the step, how high, who was told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from models.pattern import AlertHit, RaisedAlert
from models.record import Record
from tests.scenarios.people import contacts
from tests.scenarios.play import Play

TOLD = ("T-ALERT-NEW", "T-ALERT-RED")


def _rule(play: Play) -> str:
    """The rule that the day is about."""
    return next(str(step.expect["alert"]) for step in play.scenario.steps if "alert" in step.expect)


async def _alert_of(play: Play) -> Record:
    """The one alert of that rule that counts the record of the step."""
    (hit,) = await AlertHit.filter(record_id=(await play.record()).id, alert__rule=_rule(play)).prefetch_related(
        "alert"
    )
    assert hit.alert.record_id is not None
    return await Record.get(id=hit.alert.record_id)


async def _alert_raised(play: Play, wanted: bool) -> None:
    assert await RaisedAlert.filter(rule=_rule(play)).exists() is wanted


async def _alert(play: Play, wanted: str) -> None:
    assert (await _alert_of(play)).facts["rule"] == wanted


async def _level(play: Play, wanted: str) -> None:
    assert (await _alert_of(play)).facts["level"] == wanted


async def _told(play: Play, wanted: Sequence[int]) -> None:
    """These and nobody else got the number of the alert in this step."""
    number = str((await _alert_of(play)).number)
    for text in (each.text for each in play.heard if number in each.text):
        assert any(play.says(key, text) for key in TOLD), text
    got = {each.to for each in play.heard if number in each.text}
    named = {staff_no for staff_no, contact in contacts().items() if {contact.phone, contact.chat} & got - {""}}
    assert named == {str(each) for each in wanted}


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "alert": _alert,
    "alert_raised": _alert_raised,
    "level": _level,
    "told": _told,
}

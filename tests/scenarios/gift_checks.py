"""What is looked at in the register of gifts: tracks, limits, letters, days of publication."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models.record import Record
from records.course import Course
from records.due import Deadlines, End
from tests.scenarios.play import Play
from tests.scenarios.plot import moment


async def _meant(play: Play) -> list[Record]:
    both = play.step.expect.get("record") == "both"
    return await play.records() if both else [await play.record()]


async def _end(play: Play, limit: str, track: str | None = None) -> End:
    record = await play.record()
    kind = play.stage.kinds.get(record.kind)
    return Deadlines(play.stage.office, kind, record, Course.of(record)).end(limit, track)


async def _track(play: Play, wanted: Mapping[str, str]) -> None:
    for record in await _meant(play):
        assert {name: record.tracks[name] for name in wanted} == dict(wanted)


async def _soft_limit(play: Play, wanted: str) -> None:
    assert (await _end(play, "gift.report_soft")).moment == moment(wanted)


async def _hard_limit(play: Play, wanted: str) -> None:
    assert str((await _end(play, "gift.register_and_hand_in_hard")).day) == wanted


async def _hand_in_place(play: Play, wanted: bool) -> None:
    """The receipt says where the thing is to be handed in."""
    place = play.stage.kinds.get("gift").place
    assert place is not None
    assert any(place["zh-Hans"] in text for text in play.texts_to(play.step.who)) is wanted


async def _until(play: Play, wanted: str) -> None:
    """The giver is heard till then."""
    assert (await _end(play, "gift.hearing_before_publication", "publication")).moment == moment(wanted)


async def _letters(play: Play, wanted: int) -> None:
    assert len([one for one in await play.records() if one.facts.get("letter_sent")]) == wanted


async def _amount_in_letters(play: Play, wanted: str) -> None:
    """The sum of the facts, in minor units."""
    sent = [one for one in await play.records() if one.facts.get("letter_sent")]
    assert f"{sum(one.facts['amount_cny'] for one in sent) / 100:,.2f}" == wanted


def _fact(name: str) -> Callable[[Play, Any], Awaitable[None]]:
    async def check(play: Play, wanted: str | list[str]) -> None:
        text = ";".join(wanted) if isinstance(wanted, list) else wanted
        assert (await play.record()).facts[name] == text

    return check


async def _second(play: Play, wanted: Mapping[str, str]) -> None:
    """The other record could not be closed."""
    assert wanted["refused"] == "its publication runs"
    assert play.kept["refused"] == 409
    assert (await play.records())[1].state == wanted["state"]


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "amount_in_letters": _amount_in_letters,
    "disposal": _fact("disposal"),
    "hand_in_place_in_text": _hand_in_place,
    "hard_limit": _hard_limit,
    "letters": _letters,
    "parsed_kind": _fact("kind"),
    "publish_reasons": _fact("publish_reasons"),
    "published_from": _fact("published_from"),
    "published_to": _fact("published_to"),
    "second": _second,
    "soft_limit": _soft_limit,
    "track": _track,
    "until": _until,
}

"""What is looked at in the register of gifts: tracks, limits, letters, days of publication."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models import ledger_append
from models.ledger import LedgerEntry
from models.org import Organisation, Person, Unit
from models.record import Record
from models.register import GiverExport
from records.course import Course
from records.due import Deadlines, End
from records.facts import money_text
from tests.records.test_gift import detail_of
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

SECOND_OWNER = "9021029"


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
    """Each record has its letters, to both addressees, and its own number."""
    sent = [one for one in await play.records() if one.facts.get("letter_sent")]
    assert len(sent) == len(play.kept["letters"]) == wanted
    assert len({one.facts["letter_no"] for one in sent}) == wanted
    assert [words for words in play.kept["letters"] if "许某：" not in words or "折桂报关行：" not in words] == []


async def _amount_in_letters(play: Play, wanted: str) -> None:
    """The sum of what stands in the letters to the giver, as they were read."""
    found = [re.search(r"人民币([\d,.]+)元", words) for words in play.kept["letters"]]
    assert f"{sum(float(each[1].replace(',', '')) for each in found if each):,.2f}" == wanted


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


async def _public_page_shows(play: Play, wanted: list[str]) -> None:
    """The public reads these fields of the record with their values, and nobody of the house."""
    page, record = play.kept["public"], await play.record()
    kind = play.stage.kinds.get(record.kind)
    handling = (kind.fields["handling"].choices or {})[record.facts["handling"]].titles["zh-Hans"]
    values = {"giver_name": "许某", "amount": money_text(record.facts["amount"]), "handling": handling}
    assert [name for name in wanted if values[name] not in page] == []
    owner = await Person.get(staff_no=SECOND_OWNER)
    unit = await Unit.get(id=record.unit_id)
    told = (owner.staff_no, play.stage.office.key.decrypt(owner.name), unit.name_zh, record.number)
    assert [each for each in told if str(each) in page] == []


async def _page_without(play: Play, company: str) -> None:
    """The public reads nothing of that company any more; the ledger still knows what was read."""
    meant = await Organisation.get(code=company)
    assert meant.name_zh.partition("（")[0] not in play.kept["public"]
    entries = await ledger_append.history((await play.record()).id)
    published = [entry["detail"] for entry in entries if (entry["detail"] or {}).get("act") == "公布"]
    assert published[0]["fields"][-3:] == ["published_from", "published_text", "published_to"]
    assert len(published[0]["commitment"]) == 64


async def _needs(play: Play, wanted: str) -> None:
    """Nothing is handed out before the approval, nor twice."""
    assert wanted == "approval of 9021004"
    assert (play.kept["refused"], play.kept["again"]) == (409, 409)
    assert (await GiverExport.get().prefetch_related("decided_by")).decided_by.staff_no == "9021004"


async def _file_has(play: Play, wanted: str) -> None:
    """The file has a line of the company with its gifts and their sum, and nobody of the house."""
    code, gifts, amount = wanted.replace(" gifts", "").split(", ")
    lines = play.kept["file"].lstrip("\ufeff").split("\r\n")
    assert [line for line in lines if line.startswith(f"{code},") and f",{gifts},{amount}," in line]
    for person in await Person.all():
        assert play.stage.office.key.decrypt(person.name) not in play.kept["file"]


async def _log(play: Play, wanted: bool) -> None:
    """Each step is in the ledger, the approval with the records that the list was made from."""
    events = await LedgerEntry.filter(event__startswith="export_").order_by("seq").values_list("event", flat=True)
    assert (events == ["export_asked", "export_approved", "export_taken"]) is wanted
    approved = (await detail_of("export_approved"))[0]
    assert approved["records"] == [record.id for record in reversed(await play.records())]


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "amount_in_letters": _amount_in_letters,
    "disposal": _fact("disposal"),
    "file_has": _file_has,
    "hand_in_place_in_text": _hand_in_place,
    "hard_limit": _hard_limit,
    "letters": _letters,
    "log": _log,
    "needs": _needs,
    "page_without": _page_without,
    "parsed_kind": _fact("kind"),
    "publish_reasons": _fact("publish_reasons"),
    "public_page_shows": _public_page_shows,
    "published_from": _fact("published_from"),
    "published_to": _fact("published_to"),
    "second": _second,
    "soft_limit": _soft_limit,
    "track": _track,
    "until": _until,
}

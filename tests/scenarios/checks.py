"""One small function for each key of `expect`. A key that nobody checks makes its step uncovered; it never passes."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models import ledger_append, record_queries
from models.inbound import Inbound, OpenQuestion
from people.companies import find_company
from records.marks import company_mark
from records.matching import FOUND
from tests.scenarios import (
    alert_checks,
    bulletin_checks,
    campaign_checks,
    demo_checks,
    gift_checks,
    report_checks,
    return_checks,
)
from tests.scenarios.people import SIGNING_CODES
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

Check = Callable[[Play, Any], Awaitable[None]]
REFUSALS = {
    "test message to self first": "campaign.test_first",
    "editor cannot approve": "campaign.own_approval",
    "two persons": "records.second_person",
}


async def _state(play: Play, wanted: str) -> None:
    """The campaign or the record stands there; a dialog that has not filed yet is a draft."""
    if play.step.kind == "campaign":
        assert (await play.campaign()).state == wanted
        return
    if wanted == "draft":
        draft = await play.draft()
        assert draft is not None
        assert (draft.kind, draft.filed) == (play.step.kind, False)
        return
    assert (await play.record()).state == wanted


async def _refused(play: Play, wanted: str) -> None:
    """The console says why not."""
    assert play.page is not None
    assert play.page.status in (409, 422)
    assert play.stage.office.texts.say(REFUSALS[wanted], "zh-Hans") in play.page.words


async def _reply(play: Play, wanted: str) -> None:
    """The phone got it; where nobody in particular is meant, every phone did that got something."""
    own = play.step.by in ("sms", "chat")
    texts = play.texts_to(play.step.who) if own else [each.text for each in play.heard]
    fits = [play.says(wanted, text) for text in texts]
    assert any(fits), (wanted, texts)
    assert own or all(fits), (wanted, texts)


async def _intent(play: Play, wanted: str) -> None:
    row = await Inbound.all().order_by("-id").first()
    assert row is not None
    assert (row.state, row.intent) == ("handled", wanted)


async def _ask(play: Play, wanted: str) -> None:
    """This is the question that waits, and the phone got it."""
    draft = await play.draft()
    assert draft is not None
    if wanted == "sign":
        assert draft.stage == "sign"
        return
    question = draft.question(play.stage.kinds.get(draft.kind))
    assert question is not None
    assert question.fields[0] == wanted
    key = "error.bad_choice" if play.step.expect.get("reply") == "error.bad_choice" else question.text_key
    assert any(play.says(key, text) for text in play.texts_to(play.step.who))


async def _parsed(play: Play, wanted: Mapping[str, str]) -> None:
    """The dialog holds these answers; the name of a company leads to its code."""
    draft = await play.draft()
    assert draft is not None
    assert draft.values.keys() == wanted.keys()
    for name, value in wanted.items():
        held = draft.values[name]
        assert held == value or (name in COMPANY_FIELDS and await find_company(held) == value), name


COMPANY_FIELDS = ("giver_org", "on_behalf_of")


async def _linked_company(play: Play, wanted: str) -> None:
    """The record is found under the hash of that company, which stands nowhere in clear."""
    record = await play.record()
    mark = company_mark(play.stage.office, wanted)
    found = [name for name in COMPANY_FIELDS if mark in await record_queries.matches(record.id, name + FOUND)]
    assert found
    assert wanted not in str(record.facts)


async def _tries_left(play: Play, wanted: int) -> None:
    said = play.stage.office.texts.say("T-SIGN-WRONG", "zh-Hans", n=wanted)
    assert any(said in text for text in play.texts_to(play.step.who))


async def _number(play: Play, wanted: str) -> None:
    """The number stands in what the sender got, and has its check digit."""
    record = await play.record()
    assert record.number is not None
    assert re.fullmatch(wanted.removesuffix("-no") + r"\d{11}", record.number)
    assert any(record.number in text for text in play.texts_to(play.step.who, last=False))


async def _sms_must_not_contain(play: Play, wanted: list[str]) -> None:
    texts = play.texts_to(play.step.who, last=False)
    assert texts
    assert not [(word, text) for word in wanted for text in texts if word in text]


async def _proof(play: Play, wanted: str) -> None:
    assert (await play.record()).facts["proof"] == wanted


async def _in_time(play: Play, wanted: bool) -> None:
    assert (await play.record()).facts["@course"]["filed_late"] is not wanted


async def _amended(play: Play, wanted: str) -> None:
    """The last entry of the ledger about the record is the amendment of this field alone."""
    last = (await ledger_append.history((await play.record()).id))[-1]
    assert (last["event"], last["detail"]["fields"]) == ("amended", [wanted])


async def _ledger(play: Play, wanted: str) -> None:
    """Filed once, one amendment for each answer that was given; what was skipped makes none. Or: the books balance."""
    if wanted == "R07 difference 0":
        await report_checks.books_balance(play)
        return
    assert wanted == "filed once, one amendment per answer"
    entries = await ledger_append.history((await play.record()).id)
    amended = [entry["detail"]["fields"] for entry in entries if entry["event"] == "amended"]
    assert [entry["event"] for entry in entries].count("filed") == 1
    assert amended == [["asker_identity"], ["relation"], ["on_behalf_of"], ["effect"], ["benefit"]]


async def _log_shows(play: Play, wanted: str) -> None:
    """What was sent as a code stands neither in the row nor in any line of the log."""
    assert wanted == "nothing of it"
    row = await Inbound.all().order_by("-id").first()
    assert row is not None
    assert row.body is None
    for secret in (*play.step.sends, *SIGNING_CODES.values()):
        assert secret not in {str(value) for line in play.stage.logs for value in line.values()}


async def _limit(play: Play, wanted: str) -> None:
    assert (await play.record()).due_at == moment(wanted)


async def _limit_was(play: Play, wanted: str) -> None:
    assert play.due_before == moment(wanted)


async def _reply_to_owner(play: Play, wanted: str) -> None:
    owner = play.kept["owner"]
    texts = play.texts_to(owner, last=False)
    assert any(play.says(wanted, text) for text in texts), texts


async def _still_waiting(play: Play, wanted: bool) -> None:
    """The reminder still waits for the acknowledgement of this person."""
    asked = OpenQuestion.filter(kind="ack", person__staff_no=play.step.who, closed_at__isnull=True)
    assert await asked.exists() is wanted


async def _titles(play: Play, names: list[str]) -> list[str]:
    """What stands on the page of a record for fields of its kind: their titles, the number itself."""
    record = await play.record()
    kind = play.stage.kinds.get(record.kind)
    return [str(record.number) if name == "no" else kind.fields[name].titles["zh-Hans"] for name in names]


async def _sees(play: Play, wanted: str | list[str]) -> None:
    """These fields stand on the page; or every page that he may open is word for word what it was before."""
    if isinstance(wanted, list):
        assert [title for title in await _titles(play, wanted) if title not in play.kept["looked"]] == []
        return
    assert wanted.startswith("nothing")
    assert play.kept["pages"] == play.kept["pages_before"]
    assert play.kept["pages"]["/"][0] == 200
    assert {status for status, _ in play.kept["pages"].values()} <= {200, 403, 404}


async def _not(play: Play, wanted: list[str]) -> None:
    """These fields do not stand on the page.

    Or: none of what he opened holds the number, and the address of the record itself leads nowhere.
    """
    if "looked" in play.kept:
        assert [title for title in await _titles(play, wanted) if title in play.kept["looked"]] == []
        return
    assert wanted == ["record", "number", "total"]
    record = await play.record()
    for path, (status, words) in play.kept["pages"].items():
        assert str(record.number) not in words.replace(f'"{record.number}"', "")
        assert record.public_id not in path or status == 404


async def _found(play: Play, wanted: str) -> None:
    """What he searched for is on none of his pages and nowhere readable in the database."""
    assert wanted == "nothing readable"
    assert play.kept["readable"] == []


CHECKS: Mapping[str, Check] = {
    "amended": _amended,
    "ask": _ask,
    "found": _found,
    "in_time": _in_time,
    "intent": _intent,
    "ledger": _ledger,
    "limit": _limit,
    "linked_company": _linked_company,
    "limit_was": _limit_was,
    "log_shows": _log_shows,
    "not": _not,
    "number": _number,
    "parsed": _parsed,
    "proof": _proof,
    "refused": _refused,
    "reply": _reply,
    "reply_to_owner": _reply_to_owner,
    "sees": _sees,
    "sms_must_not_contain": _sms_must_not_contain,
    "state": _state,
    "still_waiting": _still_waiting,
    "tries_left": _tries_left,
    **alert_checks.CHECKS,
    **bulletin_checks.CHECKS,
    **campaign_checks.CHECKS,
    **demo_checks.CHECKS,
    **gift_checks.CHECKS,
    **report_checks.CHECKS,
    **return_checks.CHECKS,
}
SELECTS = {"record", "kind"}
"""Say which record is meant; `Play.record` reads them."""
REMARKS = {"why", "note"}


def is_checked(key: str, wanted: Any) -> bool:
    """Whether somebody looks at an expectation, or it says nothing to be looked at; a report only where it is made."""
    if key == "report":
        return wanted in report_checks.MADE
    return key in CHECKS or key in SELECTS | REMARKS

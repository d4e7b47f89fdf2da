"""Bulletins, commendations and reports of retaliation on phones: read, answered by digit and button, filed."""

from typing import Any

import pytest

from models import sql
from models.org import Person
from models.reading import RecordReader
from models.record import Record
from records import reading_out
from records.acts import do_act
from records.filing import Filed
from records.opening import begin
from tests.bot.conftest import Cast, keys
from tests.keys import unlocked

TEXT = "九月，某企业人员要求先放行后补单，被当场拒绝。"
BULLETIN = {"kind": "case", "scope": "district", "naming": "none", "title": "关于一起不当说情的通报", "text": TEXT}


async def acts(cast: Cast, who: Person, public_id: str, act: str, **values: str) -> None:
    office, kinds = cast.world.office, cast.world.bot.kinds
    await do_act(office, kinds, await unlocked(office, kinds, who.id), public_id, act, values)


async def begun(cast: Cast, kind: str) -> Filed:
    office, kinds = cast.world.office, cast.world.bot.kinds
    head = await unlocked(office, kinds, cast.staff["integrity_head"].id)
    return await begin(office, kinds, head, kind, {}, "zh-Hans")


async def leader(cast: Cast) -> Person:
    """Somebody who approves: hired for the test."""
    from models.org import Grant

    person = await Person.create(staff_no="9021001", name=cast.world.office.key.encrypt("name"), unit=None)
    await Grant.create(person=person, role="leader")
    return person


async def issued(cast: Cast, **more: str) -> Filed:
    filed, head, first = await begun(cast, "bulletin"), cast.staff["integrity_head"], await leader(cast)
    await acts(cast, head, filed.public_id, "脱密检查", **{**BULLETIN, "readers": "9021022", **more})
    await acts(cast, first, filed.public_id, "批准")
    await acts(cast, head, filed.public_id, "批准")
    await acts(cast, head, filed.public_id, "发布")
    while await reading_out.step(cast.world.office, cast.world.bot.kinds):
        pass
    return filed


async def prefers(person: Person, channel: str) -> None:
    await Person.filter(id=person.id).update(preferred_channel=channel)


async def unread() -> int:
    return await RecordReader.filter(read_at__isnull=True).count()


async def test_in_a_chat_it_is_read_below_and_acknowledged_by_button(cast: Cast) -> None:
    await prefers(cast.lin, "telegram")
    await issued(cast)
    (said,) = await cast.lin_chat.reads()
    assert (said.key, TEXT in said.text) == ("T-BULLETIN", True)
    assert await unread() == 1
    for _ in range(2):
        await cast.lin_chat.presses_data(said.button("已阅"))
    assert await unread() == 0


async def test_by_sms_the_number_brings_the_text_and_one_acknowledges(cast: Cast) -> None:
    await prefers(cast.lin, "sms")
    filed = await issued(cast)
    (said,) = await cast.lin_sms.reads()
    assert (TEXT in said.text, filed.number in said.text) == (False, True)
    assert TEXT in (await cast.lin_sms.sends(filed.number))[0].text
    assert keys(await cast.lin_sms.sends("收到")) == ["T-ACK-OK"]
    assert await unread() == 0


async def test_nobody_else_gets_the_text_by_the_number(cast: Cast) -> None:
    await prefers(cast.lin, "sms")
    filed = await issued(cast)
    for phone in (cast.ho_sms, cast.wang, cast.lee):
        said = await phone.sends(filed.number)
        assert not [each for each in said if TEXT in each.text]
        await phone.sends("1")
    assert await unread() == 1


async def test_a_long_text_comes_in_parts(cast: Cast) -> None:
    await prefers(cast.lin, "sms")
    filed = await issued(cast, text="按规定办理。" * 390)
    await cast.lin_sms.reads()
    first = await cast.lin_sms.sends(filed.number)
    more = await cast.lin_sms.sends("更多")
    assert (len(first), len(more)) == (1, 1)
    assert "按规定办理。" in more[0].text
    assert keys(await cast.lin_sms.sends("1")) == ["T-ACK-OK"]


async def test_an_acknowledgement_inside_a_dialog_goes_to_what_was_sent_last(cast: Cast) -> None:
    await prefers(cast.lin, "sms")
    await cast.lin_sms.sends("说情")
    await issued(cast)
    await cast.lin_sms.reads()
    assert keys(await cast.lin_sms.sends("收到")) == ["T-ACK-OK"]
    assert keys(await cast.lin_sms.sends("昨天")) == ["ask.intercession.asker_name"]


async def asked(cast: Cast) -> Record:
    filed, head = await begun(cast, "commendation"), cast.staff["integrity_head"]
    values = {"source": "HB26091400019", "person": "9021022", "text": "拒收现金并当日登记。"}
    await acts(cast, head, filed.public_id, "征求", **values)
    return await Record.get(id=filed.record_id)


ANSWERS = [
    ("同意署名", "agreed", "named"),
    ("同意不署名", "agreed", "unnamed"),
    ("不同意", "dropped", "no"),
]


@pytest.mark.parametrize(("label", "state", "consent"), ANSWERS)
async def test_consent_by_button(cast: Cast, label: str, state: str, consent: str) -> None:
    await prefers(cast.lin, "telegram")
    record = await asked(cast)
    (said,) = await cast.lin_chat.reads()
    assert "拒收现金" in said.text
    assert "records.choice_kept" in keys(await cast.lin_chat.presses_data(said.button(label)))
    record = await Record.get(id=record.id)
    assert (record.state, record.facts["consent"]) == (state, consent)
    stale = await cast.lin_chat.presses_data(said.button("同意署名"))
    assert "records.choice_kept" not in keys(stale)
    assert (await Record.get(id=record.id)).facts["consent"] == consent


async def test_consent_by_sms_and_bad_answers_leave_it_open(cast: Cast) -> None:
    await prefers(cast.lin, "sms")
    record = await asked(cast)
    (said,) = await cast.lin_sms.reads()
    assert (said.key, "拒收现金" in said.text) == ("T-CONSENT-ASK", False)
    assert keys(await cast.lin_sms.sends("7")) == ["error.invalid"]
    assert "records.choice_kept" not in keys(await cast.lin_sms.sends("再想想"))
    assert (await Record.get(id=record.id)).state == "consent_asked"
    assert keys(await cast.lin_sms.sends("2")) == ["records.choice_kept"]
    assert (await Record.get(id=record.id)).facts["consent"] == "unnamed"


WAYS: list[tuple[str, list[str], list[str]]] = [
    ("lin_chat", ["报复", "登记后被调离岗位", "跳过", "跳过"], ["T-BH-RECEIPT"]),
    ("lin_sms", ["报复#登记后被调离岗位", "跳过", "跳过"], ["T-BH-RECEIPT"]),
    ("wang", ["报复#举报后被刁难", "TS26091400130", "跳过"], ["T-BH-RECEIPT"]),
    ("lee", ["retaliation#moved to the night shift after I reported", "skip", "skip"], ["T-BH-RECEIPT"]),
]


@pytest.mark.parametrize(("who", "says", "wanted"), WAYS, ids=[row[0] for row in WAYS])
async def test_anybody_says_that_he_suffers_for_it(cast: Cast, who: str, says: list[str], wanted: list[str]) -> None:
    phone, said = getattr(cast, who), []
    for text in says:
        said += await phone.sends(text)
    assert [key for key in keys(said) if key.startswith("T-")] == wanted
    record = await Record.get()
    assert (record.kind, record.state) == ("retaliation", "received")
    rows: list[dict[str, Any]] = await sql.rows("SELECT body FROM inbound WHERE body IS NOT NULL")
    bodies = [cast.world.office.key.decrypt(row["body"]) for row in rows]
    assert not [body for body in bodies if "登记后" in body or "被刁难" in body or "night shift" in body]
    for message in said:
        assert not [word for word in ("报复", "举报", "说情", "登记后") if word in message.text], message.text

"""Bulletins: checked for names, approved by two, read by those meant, taken down; praise with consent only."""

from datetime import timedelta

import pytest

from core.errors import Conflict, NotThere, Refused
from models import ledger_append, sql
from models.inbound import OpenQuestion
from models.org import Person
from models.outgoing import Message
from models.reading import InFlight, RecordReader
from records import reading_out, system_acts
from records.acts import do_act
from records.filing import Filed
from records.opening import begin
from records.owner_acts import choose
from records.readers import acknowledge
from records.reading import list_records, open_record, waiting_acts
from records.sheets import made_public, sheet_for, to_read
from tests.records.conftest import BULLETIN, CAST, House

SEEN = {"no", "kind", "scope", "naming", "title", "text", "rule", "decision", "reminder"}


async def issued(house: House, **more: str) -> Filed:
    filed = await house.approved_bulletin(**more)
    assert await house.do("integrity", filed, "发布") == "issued"
    return filed


async def told(house: House) -> list[Message]:
    while await reading_out.step(house.office, house.kinds):
        pass
    return await Message.filter(text_key="T-BULLETIN").order_by("id")


async def test_the_office_begins_and_nobody_else(house: House) -> None:
    for who in ("leader", "port_head", "officer", "sysadmin", "clerk"):
        with pytest.raises(NotThere):
            await begin(house.office, house.kinds, await house.actor(who), "bulletin", {}, "zh-Hans")
    for who in ("integrity", "integrity_head"):
        filed = await house.begin("bulletin", who)
        assert filed.number.startswith("TB")
        assert (await house.record(filed)).state == "draft"
        opened = await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)
        assert [each.act for each in opened.acts] == ["起草", "脱密检查", "不再发"]
    for who in ("leader", "port_head", "officer", "clerk"):
        assert await list_records(house.office, house.kinds, await house.actor(who), "bulletin") == []


NAMES = [
    # what stands in which field, with which naming, the sentence that refuses it
    ("text", "查验一科沐远航登记", "none", "records.text_names_staff"),
    ("title", "表扬工号9021023", "none", "records.text_names_staff"),
    ("reminder", "有事打+8610000000" + "0011", "unit_only", "records.text_names_staff"),
    ("decision", "Mu Yuanhang did right", "none", "records.text_names_staff"),
]


@pytest.mark.parametrize(("field", "text", "naming", "key"), NAMES, ids=[row[1] for row in NAMES])
async def test_a_text_that_names_staff_is_not_checked_through(
    house: House, field: str, text: str, naming: str, key: str
) -> None:
    filed = await house.begin("bulletin")
    with pytest.raises(Refused) as refused:
        await house.do("integrity", filed, "脱密检查", **{**BULLETIN, "naming": naming, field: text})
    assert (refused.value.key, refused.value.values["field"]) == (key, field)
    assert (await house.record(filed)).state == "draft"


async def test_it_never_names_who_registered_however_it_names(house: House) -> None:
    plea = await house.plead("officer")
    filed = await house.begin("bulletin")
    values = {**BULLETIN, "naming": "named", "about": plea.number}
    with pytest.raises(Refused, match="names_registrant"):
        await house.do("integrity", filed, "脱密检查", **{**values, "text": "沐远航向我处登记。"})
    assert await house.do("integrity", filed, "脱密检查", **{**values, "text": "柏知秋另有一事。"}) == "checked"


async def test_the_record_takes_no_bulletin_that_names_its_officer_or_is_not_approved(house: House) -> None:
    plea = await house.plead("officer")
    assessed = {"assessment": "improper", "assessment_text": "施压"}
    for who, act, values in (
        ("integrity", "受理", {}),
        ("integrity", "核实", {}),
        ("integrity_head", "认定", assessed),
        ("integrity_head", "拟通报", {}),
    ):
        await house.do(who, plea, act, **values)
    waits = await house.bulletin()
    names = await house.approved_bulletin(naming="named", text="沐远航在现场。")
    for number, key in ((waits.number, "bulletin_not_approved"), (names.number, "names_registrant")):
        with pytest.raises(Refused, match=key):
            await house.do("leader", plea, "批准通报", bulletin=number)
    with pytest.raises(Refused, match="no_such_record"):
        await house.do("leader", plea, "批准通报", bulletin="TB26093000014")
    assert (await house.record(plea)).state == "bulletin_pending"


async def test_a_record_that_the_writer_does_not_reach_is_none(house: House) -> None:
    other = await house.plead("other_officer")
    filed = await house.begin("bulletin")
    for number in (other.number, "SQ26091400019"):
        with pytest.raises(Refused, match="no_such_record"):
            await house.do("integrity", filed, "脱密检查", **{**BULLETIN, "about": number})


async def test_what_does_not_fit_a_chat_message_is_refused_before_anybody_approves(house: House) -> None:
    filed = await house.begin("bulletin")
    with pytest.raises(Refused, match="too_long_message"):
        await house.do("integrity", filed, "脱密检查", **{**BULLETIN, "text": "🚢" * 2400})
    longest = {"text": "按" * 2400, "title": "题" * 60, **dict.fromkeys(("rule", "decision", "reminder"), "规" * 300)}
    assert await house.do("integrity", filed, "脱密检查", **{**BULLETIN, **longest, "readers": "9021022"}) == "checked"
    await house.do("leader", filed, "批准")
    await house.do("integrity_head", filed, "批准")
    await house.do("integrity", filed, "发布")
    (message,) = await told(house)
    assert house.office.key.decrypt(message.body or b"").count("按") == 2400


async def test_a_scope_of_a_unit_names_it(house: House) -> None:
    filed = await house.begin("bulletin")
    for more in ({"scope": "unit"}, {"scope_unit": "U10"}):
        with pytest.raises(Refused, match="scope_unit"):
            await house.do("integrity", filed, "脱密检查", **{**BULLETIN, **more})


async def test_two_approve_it_and_see_only_its_view(house: House) -> None:
    filed = await house.bulletin()
    (duty,) = await Message.filter(text_key="T-DUTY-NEW")
    assert duty.person_id == house.persons["leader"].id
    assert house.office.key.decrypt(duty.body or b"").endswith(f"您有新的待办{filed.number}，时限9月16日。")
    leader, head = await house.actor("leader"), await house.actor("integrity_head")
    assert [row.number for row in await waiting_acts(house.office, house.kinds, leader, "bulletin")] == [filed.number]
    opened = await open_record(house.office, house.kinds, leader, filed.public_id)
    assert opened.values.keys() == SEEN
    assert opened.values["text"] == BULLETIN["text"]
    assert (opened.statements, opened.history) == ((), ())
    assert await house.do("leader", filed, "批准") == "checked"
    with pytest.raises(Refused, match="second_person"):
        await do_act(house.office, house.kinds, leader, filed.public_id, "批准", {})
    await do_act(house.office, house.kinds, head, filed.public_id, "批准", {})
    assert (await house.record(filed)).state == "approved"
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, leader, filed.public_id)


async def test_the_leader_sends_it_back_and_the_copy_is_erased(house: House) -> None:
    filed = await house.bulletin()
    assert await InFlight.filter(record_id=filed.record_id).count() == 5
    assert await house.do("leader", filed, "退回修改", reason="事实写得太细") == "draft"
    assert await InFlight.filter(record_id=filed.record_id).count() == 0
    opened = await open_record(house.office, house.kinds, await house.actor("integrity"), filed.public_id)
    assert (opened.values["reason"], opened.values["redacted"]) == ("事实写得太细", "9021005")


async def test_it_is_told_once_to_every_active_member_of_staff(house: House) -> None:
    await Person.filter(id=house.persons["yunxi"].id).update(status="leave")
    filed = await issued(house)
    messages = await told(house)
    assert len(messages) == len(CAST) - 1 == len({each.person_id for each in messages})
    said = house.office.key.decrypt(messages[0].body or b"")
    assert said.startswith(house.office.texts.say("T-BULLETIN", "zh-Hans", no=filed.number))
    assert BULLETIN["text"] in said
    assert BULLETIN["reminder"] in said
    assert len(await told(house)) == len(messages)


async def test_by_sms_it_stays_neutral(house: House) -> None:
    await Person.filter(id=house.persons["officer"].id).update(preferred_channel="sms")
    filed = await issued(house, readers="9021022")
    (message,) = await told(house)
    said = house.office.key.decrypt(message.body or b"")
    assert message.channel == "sms"
    assert filed.number in said
    assert BULLETIN["text"] not in said
    assert BULLETIN["title"] not in said
    assert not [word for word in ("说情", "举报", "红包", "投诉") if word in said]


async def test_readers_are_those_named_or_those_of_the_unit(house: House) -> None:
    named = await issued(house, readers="9021022、柏知秋")
    unit = await issued(house, scope="unit", scope_unit="U10")
    await told(house)
    for filed, wanted in (
        (named, {"officer", "officer_2"}),
        (unit, {key for key, *_, at, _ in CAST if at[:3] == "U10"}),
    ):
        found = await RecordReader.filter(record_id=filed.record_id).values_list("person_id", flat=True)
        assert set(found) == {house.persons[key].id for key in wanted}


WRONG_READERS = [
    ("柏知冬", "records.no_staff"),
    ("9029999", "records.no_staff"),
]


@pytest.mark.parametrize(("text", "key"), WRONG_READERS)
async def test_a_reader_who_is_not_there_is_named_in_the_sentence(house: House, text: str, key: str) -> None:
    filed = await house.begin("bulletin")
    with pytest.raises(Refused) as refused:
        await house.do("integrity", filed, "脱密检查", **{**BULLETIN, "readers": f"9021022,{text}"})
    assert (refused.value.key, refused.value.values["item"]) == (key, text)


async def read(house: House, filed: Filed, who: str) -> bool:
    async with sql.transaction():
        return await acknowledge(house.office, filed.record_id, house.persons[who].id, "telegram")


async def test_it_is_read_up_when_all_have_read_and_taken_down_in_time(house: House) -> None:
    filed = await issued(house, readers="9021022,9021023,9021040")
    await told(house)
    assert await read(house, filed, "officer")
    assert not await read(house, filed, "officer")
    assert not await read(house, filed, "clerk")
    await told(house)
    assert (await house.record(filed)).state == "issued"
    await Person.filter(id=house.persons["yunxi"].id).update(status="left")
    assert await read(house, filed, "officer_2")
    await told(house)
    assert (await house.record(filed)).state == "read_up"
    events = [entry["event"] for entry in await ledger_append.history(filed.record_id)]
    assert events.count("acknowledged") == 2
    house.clock.advance(timedelta(days=31))
    await system_acts.step(house.office, house.kinds)
    assert (await house.record(filed)).state == "taken_down"
    assert await InFlight.filter(record_id=filed.record_id).count() == 0
    assert await sheet_for(house.office, house.kinds, filed.number, house.persons["officer"].id) is None


async def test_who_has_not_read_is_reminded_once(house: House) -> None:
    filed = await issued(house, readers="9021022,9021023")
    await told(house)
    assert await read(house, filed, "officer")
    house.clock.advance(timedelta(days=4))
    await told(house)
    await told(house)
    reminded = await Message.filter(text_key="T-BULLETIN-REMIND")
    assert [each.person_id for each in reminded] == [house.persons["officer_2"].id]
    waits = OpenQuestion.filter(kind="read", ref_id=filed.record_id, closed_at=None)
    assert await waits.values_list("person_id", flat=True) == [house.persons["officer_2"].id]


async def test_nothing_is_told_before_the_issue_and_no_reader_sees_the_record(house: House) -> None:
    filed = await house.approved_bulletin(readers="9021022")
    assert await told(house) == []
    assert await sheet_for(house.office, house.kinds, filed.number, house.persons["officer"].id) is None
    await house.do("integrity", filed, "发布")
    await told(house)
    sheet = await sheet_for(house.office, house.kinds, filed.number, house.persons["officer"].id)
    assert sheet is not None
    assert sheet.text("zh-Hans").startswith(f"{BULLETIN['title']}\n\n{BULLETIN['text']}\n\n有关规定：")
    assert await sheet_for(house.office, house.kinds, filed.number, house.persons["officer_2"].id) is None
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, await house.actor("officer"), filed.public_id)


async def test_only_what_is_for_the_public_is_public(house: House) -> None:
    inside, outside = await issued(house), await issued(house, scope="public")
    assert [each.sheet.number for each in await made_public(house.office, house.kinds)] == [outside.number]
    await told(house)
    mine = await to_read(house.office, house.kinds, house.persons["officer"].id)
    assert [(each.sheet.number, each.is_read) for each in mine] == [(outside.number, False), (inside.number, False)]


async def asked(house: House, text: str = "拒收红包并如实登记。") -> Filed:
    gift = await house.gift()
    filed = await house.begin("commendation")
    values = {"source": gift.number, "person": "沐远航", "text": text}
    assert await house.do("integrity", filed, "征求", **values) == "consent_asked"
    return filed


async def answer(house: House, filed: Filed, place: int, who: str = "officer") -> bool:
    async with sql.transaction():
        return await choose(house.office, house.kinds, filed.record_id, place, house.staff(who))


async def test_consent_is_asked_of_the_person_and_of_nobody_else(house: House) -> None:
    filed = await asked(house)
    (message,) = await Message.filter(text_key="T-CONSENT-ASK")
    assert message.person_id == house.persons["officer"].id
    assert "拒收红包" in house.office.key.decrypt(message.body or b"")  # by chat, to himself
    assert "同意署名" in str(message.buttons)
    with pytest.raises(NotThere):
        await answer(house, filed, 1, "officer_2")
    assert not await answer(house, filed, 7)
    assert await answer(house, filed, 1)
    record = await house.record(filed)
    assert (record.state, record.facts["consent"]) == ("agreed", "named")
    with pytest.raises(Conflict):
        await answer(house, filed, 3)


async def test_without_consent_it_is_dropped(house: House) -> None:
    filed = await asked(house)
    assert await answer(house, filed, 3)
    assert (await house.record(filed)).state == "dropped"
    assert await InFlight.filter(record_id=filed.record_id).count() == 0


async def test_a_name_is_published_only_as_agreed(house: House) -> None:
    unnamed = await asked(house, "沐远航拒收红包。")
    await answer(house, unnamed, 2)
    assert await house.do("leader", unnamed, "批准") == "approved"
    with pytest.raises(Refused, match="praise_without_name"):
        await house.do("integrity", unnamed, "发布", scope="public")
    assert await house.do("integrity", unnamed, "发布", scope="public", text="一名关员拒收红包。") == "published"
    named = await asked(house, "沐远航拒收红包。")
    await answer(house, named, 1)
    await house.do("leader", named, "批准")
    assert await house.do("integrity", named, "发布", scope="office") == "published"
    (public,) = await made_public(house.office, house.kinds)
    assert public.sheet.text("zh-Hans") == "一名关员拒收红包。"
    assert len(await to_read(house.office, house.kinds, house.persons["clerk"].id)) == 2


async def test_a_bulletin_of_praise_rests_on_consent(house: House) -> None:
    commended = await asked(house)
    praise = {**BULLETIN, "kind": "praise", "naming": "named", "text": "沐远航拒收红包。"}
    filed = await house.begin("bulletin")
    for about in ("", commended.number):
        with pytest.raises(Refused, match="praise_needs_consent"):
            await house.do("integrity", filed, "脱密检查", **{**praise, "about": about})
    await answer(house, commended, 2)
    with pytest.raises(Refused, match="praise_without_name"):
        await house.do("integrity", filed, "脱密检查", **{**praise, "about": commended.number})
    other = await asked(house)
    await answer(house, other, 1)
    with pytest.raises(Refused, match="praise_without_name"):
        await house.do("integrity", filed, "脱密检查", **{**praise, "text": "沐远航、柏知秋。", "about": other.number})
    assert await house.do("integrity", filed, "脱密检查", **{**praise, "about": other.number}) == "checked"

"""Every transition of both kinds is walked at least once, by those who may, as the clock says; others are refused."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from core.errors import Conflict, NotAllowed, NotThere, Refused
from models import sql
from models.inbound import OpenQuestion
from models.outgoing import Message
from models.record import Record
from records import system_acts
from records.acts import acts_open, do_act
from records.answer_parts import say_more
from records.filing import Filed
from records.owner_acts import Rated, do_owner_act, rate, say_why, supply
from tests.records.conftest import House

NEXT_YEAR_DAYS = 60
REPLY = {"reply": "窗口已加开，抱歉让您久等。", "found": "founded"}


async def act(house: House, filed: Filed, who: str, name: str, **values: str) -> str:
    """Do an act of staff and return the state it led to."""
    await do_act(house.office, house.kinds, await house.actor(who), filed.public_id, name, values)
    return (await house.record(filed)).state


async def owner(house: House, filed: Filed, name: str, **values: str) -> str:
    async with sql.transaction():
        source = await house.outsider()
        await do_owner_act(house.office, house.kinds, filed.record_id, name, values, source)
    return (await house.record(filed)).state


async def rated(house: House, filed: Filed, digit: str) -> Rated:
    async with sql.transaction():
        return await rate(house.office, house.kinds, filed.record_id, digit, await house.outsider())


async def clock_to_move(house: House, filed: Filed) -> str:
    """Let the time pass until the system moves the record, and not a minute earlier."""
    moves_at = (await house.record(filed)).moves_at
    assert moves_at is not None
    house.clock.move_to(moves_at - timedelta(minutes=1))
    assert await system_acts.step(house.office, house.kinds) == 0
    house.clock.move_to(moves_at)
    assert await system_acts.step(house.office, house.kinds) == 1
    assert await system_acts.step(house.office, house.kinds) == 0
    return (await house.record(filed)).state


async def messages(house: House, since: int = 0) -> list[str]:
    rows = await Message.filter(id__gt=since).order_by("id")
    return [house.office.key.decrypt(row.body) for row in rows if row.body]


async def walked(kind: str) -> set[tuple[str, str]]:
    """Return the acts done on records of a kind, with the state each led to, from the ledger."""
    rows = await sql.rows(
        "SELECT d.detail FROM ledger_entry e JOIN ledger_detail d ON d.seq = e.seq JOIN record r ON r.id = e.record_id "
        "WHERE e.event = 'moved' AND r.kind = $1",
        kind,
    )
    return {(detail["act"], detail["state"]) for row in rows for detail in [json.loads(row["detail"])]}


def declared(house: House, kind: str) -> set[tuple[str, str]]:
    """Return the transitions of a kind; those of a draft are the dialog's, a draft has no row."""
    moves = house.kinds.get(kind).moves
    return {(move.act, move.to) for move in moves if move.sources != ("draft",)}


async def to_handling(house: House, filed: Filed) -> None:
    await act(house, filed, "clerk", "受理", category="c04", unit="鹭鸣港海关")
    await act(house, filed, "clerk", "转办", assignee="9021026")
    await act(house, filed, "handler", "签收")
    await act(house, filed, "handler", "承办")


async def to_followed_up(house: House, filed: Filed) -> None:
    await to_handling(house, filed)
    await act(house, filed, "handler", "拟答复", **REPLY)
    await act(house, filed, "port_head", "审核发出")
    await act(house, filed, "clerk", "回访")


async def _long_way(house: House) -> None:
    filed = await house.complain()
    assert await act(house, filed, "clerk", "受理", category="c04", unit="U10C") == "accepted"
    assert await act(house, filed, "clerk_2", "转办", assignee="9021026") == "assigned"
    assert await act(house, filed, "handler", "退回转办", reason="不在本科") == "accepted"
    assert await act(house, filed, "clerk", "转办", assignee="9021031") == "assigned"
    with pytest.raises(NotThere):  # the one who handed back has no right left
        await act(house, filed, "handler", "签收")
    assert await act(house, filed, "handler_2", "签收") == "signed"
    assert await act(house, filed, "handler_2", "承办") == "handling"
    assert await act(house, filed, "counter_head", "延期", reason="需现场核实", new_due="2026-10-10") == "extended"
    assert await act(house, filed, "handler_2", "拟答复", **REPLY) == "reply_draft"
    assert await act(house, filed, "counter_head", "退回重拟", reason="说清办法") == "handling"
    assert await act(house, filed, "handler_2", "拟答复", **REPLY, measures="加开一个窗口") == "reply_draft"
    assert await act(house, filed, "counter_head", "审核发出") == "replied"
    assert await act(house, filed, "clerk", "回访") == "followed_up"
    assert await rated(house, filed, "1") == Rated("exchange.rating.why", True)
    assert (await house.record(filed)).state == "redo"
    async with sql.transaction():
        await say_why(house.office, house.kinds, filed.record_id, "还是没人", await house.outsider())
    assert await act(house, filed, "handler_2", "重新答复", reply="已调整班次。") == "reply_draft"
    assert await act(house, filed, "counter_head", "审核发出") == "replied"
    assert await clock_to_move(house, filed) == "followed_up"
    assert await clock_to_move(house, filed) == "closed"
    assert await owner(house, filed, "申请复查") == "review"
    assert await act(house, filed, "integrity", "复查结论", reply="复查维持原处理。") == "closed"
    with pytest.raises(Conflict):
        await owner(house, filed, "申请复查")
    assert await clock_to_move(house, filed) == "archived"


async def _short_ways(house: House) -> None:
    ways: list[tuple[str, Mapping[str, str], str]] = [
        ("不予受理", {"refuse_reason": "n2"}, "refused"),
        ("告知或转送", {"competent_body": "市市场监管局"}, "passed_on"),
        ("转为密件", {"moved_to": "LX26091400019"}, "passed_on"),
    ]
    for name, values, state in ways:
        assert await act(house, await house.complain(), "clerk", name, **values) == state
    filed = await house.complain()
    assert await act(house, filed, "clerk", "补充", what_is_missing="时间和窗口") == "info_needed"
    async with sql.transaction():
        given = {"content": "昨天上午十点，二号窗口"}
        await supply(house.office, house.kinds, filed.record_id, given, await house.outsider())
    assert await act(house, filed, "clerk", "补充", what_is_missing="单号") == "info_needed"
    assert await clock_to_move(house, filed) == "refused"
    assert (await house.record(filed)).facts["refuse_reason"] == "n6"
    filed = await house.complain()
    await to_followed_up(house, filed)
    assert await rated(house, filed, "5") == Rated("exchange.rating.thanks", False)
    assert (await house.record(filed)).state == "closed"
    filed = await house.complain()
    await to_handling(house, filed)
    assert await owner(house, filed, "撤回") == "withdrawn"


async def test_every_transition_of_a_complaint_is_walked(house: House) -> None:
    await _long_way(house)
    await _short_ways(house)
    assert await walked("complaint") == declared(house, "complaint")


async def test_every_transition_of_an_intercession_is_walked(house: House) -> None:
    filed = await house.plead()
    assert await act(house, filed, "integrity", "退回补正", what_is_missing="对方单位") == "returned"
    async with sql.transaction():
        source = house.staff("officer")
        await supply(house.office, house.kinds, filed.record_id, {"asker_unit_post": "素舸货代"}, source)
    assert (await house.record(filed)).state == "submitted"
    assert await act(house, filed, "integrity", "退回补正", what_is_missing="地点") == "returned"
    with pytest.raises(Conflict):  # before the limit for completing has ended
        await act(house, filed, "integrity", "不待补正受理", reason="不影响认定")
    house.clock.advance(timedelta(days=6))
    assert await act(house, filed, "integrity", "不待补正受理", reason="不影响认定") == "accepted"
    assert await act(house, filed, "integrity", "核实") == "verifying"
    assessed = {"assessment": "improper", "assessment_text": "要求先放行"}
    with pytest.raises(NotAllowed):
        await act(house, filed, "integrity", "认定", **assessed)
    assert await act(house, filed, "integrity_head", "认定", **assessed) == "assessed"
    with pytest.raises(Conflict):  # what is improper is not just kept
        await act(house, filed, "integrity", "存查")
    assert await act(house, filed, "integrity_head", "拟通报") == "bulletin_pending"
    assert (
        await act(house, filed, "leader", "批准通报", bulletin=(await house.approved_bulletin()).number)
        == "bulletin_issued"
    )
    assert await act(house, filed, "integrity", "办结") == "closed"
    for last, state in (("存查", "recorded"), ("移送", "transferred"), ("不予通报", "recorded")):
        filed = await house.plead()
        assert await act(house, filed, "integrity", "受理") == "accepted"
        if last == "不予通报":
            await act(house, filed, "integrity", "核实")
            await act(house, filed, "integrity_head", "认定", assessment="interference", assessment_text="施压")
            await act(house, filed, "integrity_head", "拟通报")
            assert await act(house, filed, "leader", last, reason="证据不足") == state
            continue
        await act(house, filed, "integrity", "直接认定", assessment="guided")
        more = {"transfer_ref": (await house.transfer()).number} if last == "移送" else {}
        assert await act(house, filed, "integrity_head" if more else "integrity", last, **more) == state
    assert await walked("intercession") == declared(house, "intercession")


REFUSED: list[tuple[str, str, str, dict[str, str], type[Exception]]] = [
    ("a handler does not accept", "handler", "受理", {"category": "c04", "unit": "U10C"}, NotThere),
    ("an administrator sees nothing", "sysadmin", "受理", {"category": "c04", "unit": "U10C"}, NotThere),
    ("a needed field is missing", "clerk", "受理", {"category": "c04"}, Refused),
    ("no such choice", "clerk", "受理", {"category": "c77", "unit": "U10C"}, Refused),
    ("no such unit", "clerk", "受理", {"category": "c04", "unit": "月球"}, Refused),
    ("a field that does not belong", "clerk", "受理", {"category": "c04", "unit": "U10C", "reply": "好"}, Refused),
    ("too long", "clerk", "补充", {"what_is_missing": "长" * 41}, Refused),
    ("a reference with words in it", "clerk", "转为密件", {"moved_to": "某某收了烟"}, Refused),
    ("not from this state", "clerk", "转办", {"assignee": "9021026"}, Conflict),
    ("an act of the owner", "clerk", "撤回", {}, NotAllowed),
    ("no such act", "clerk", "删除", {}, Refused),
]


async def test_what_may_not_be_done(house: House) -> None:
    filed = await house.complain()
    for why, who, name, values, error in REFUSED:
        with pytest.raises(error) as caught:
            await act(house, filed, who, name, **values)
        assert type(caught.value) is error, why
    record = await house.record(filed)
    assert (record.state, record.lock_version) == ("received", 1)


async def test_a_handler_must_be_one(house: House) -> None:
    filed = await house.complain()
    await act(house, filed, "clerk", "受理", category="c04", unit="U10C")
    for nobody in ("9021022", "9999999", "白芷言"):
        with pytest.raises(Refused, match=r"records\.no_handler"):
            await act(house, filed, "clerk", "转办", assignee=nobody)


NAMING = [
    "经办人白芷言已道歉。",
    "請找白 芷言同志。",
    "Officer Bai Zhiyan has apologised.",
    "经办人工号9021026。",
    "请拨+86 1000 0000 0013联系。",
]


async def test_an_answer_that_names_staff_is_not_sent(house: House) -> None:
    filed = await house.complain()
    await to_handling(house, filed)
    for reply in NAMING:
        await act(house, filed, "handler", "拟答复", reply=reply, found="founded")
        with pytest.raises(Refused, match=r"records\.names_staff"):
            await act(house, filed, "port_head", "审核发出")
        assert await act(house, filed, "port_head", "退回重拟", reason="去掉姓名") == "handling"


async def test_the_answer_goes_readable_to_where_it_was_asked(house: House) -> None:
    filed = await house.complain(source=await house.outsider(lang="zh-Hant"))
    await to_handling(house, filed)
    await act(house, filed, "handler", "拟答复", **REPLY)
    before = await Message.all().count()
    await act(house, filed, "port_head", "审核发出")
    message = await Message.all().order_by("-id").first()
    assert message is not None
    assert await Message.all().count() == before + 1
    assert house.office.key.decrypt(message.body or b"") == f"【星瀾海關】來件{filed.number}答覆：{REPLY['reply']}"
    assert (message.text_key, message.channel, message.lang) == ("T-REPLIED", "sms", "zh-Hant")


async def test_a_long_answer_comes_in_parts(house: House) -> None:
    filed = await house.complain()
    await to_handling(house, filed)
    reply = "".join(f"第{n}点，窗口将在高峰时段加开并公示排队人数。" for n in range(40))
    await act(house, filed, "handler", "拟答复", reply=reply, found="founded")
    await act(house, filed, "port_head", "审核发出")
    address = (await house.outsider()).address_id
    assert address is not None
    while True:
        async with sql.transaction():
            if not await say_more(house.office, address):
                break
    parts = [text for text in await messages(house) if "第" in text]
    hint = house.office.texts.say("dialog.more", "zh-Hans")
    said = "".join(part.removeprefix("【星澜海关】").removesuffix(hint) for part in parts)
    assert len(parts) > 2
    assert said == f"来件{filed.number}答复：{reply}"
    assert all(part.removesuffix(hint).endswith("。") for part in parts)


async def test_messages_about_an_intercession_are_neutral(house: House) -> None:
    filed = await house.plead()
    await act(house, filed, "integrity", "受理")
    await act(house, filed, "integrity", "直接认定", assessment="normal")
    await act(house, filed, "integrity", "存查")
    texts = await messages(house)
    assert texts == [
        f"编号{filed.number}已受理，预计9月20日前答复。回“查询”可看进度。",
        f"编号{filed.number}事项已办结，谢谢。",
    ]


async def test_what_is_asked_is_left_as_a_question_and_closed_with_the_state(house: House) -> None:
    filed = await house.complain()
    await act(house, filed, "clerk", "补充", what_is_missing="时间和窗口")
    question = await OpenQuestion.get(ref_id=filed.record_id)
    assert (question.kind, question.closed_at) == ("supply", None)
    await act_supply(house, filed)
    assert (await OpenQuestion.get(id=question.id)).closed_at is not None
    await to_followed_up(house, filed)
    assert await OpenQuestion.filter(ref_id=filed.record_id, kind="rating", closed_at=None).count() == 1
    with pytest.raises(Refused):
        await rated(house, filed, "7")
    await rated(house, filed, "3")
    assert await OpenQuestion.filter(ref_id=filed.record_id, closed_at=None).count() == 0


async def act_supply(house: House, filed: Filed) -> None:
    async with sql.transaction():
        await supply(house.office, house.kinds, filed.record_id, {"content": "昨天"}, await house.outsider())


async def test_nobody_rates_what_is_not_his(house: House) -> None:
    filed = await house.complain()
    await to_followed_up(house, filed)
    stranger = await house.outsider("+86100100000009")
    with pytest.raises(NotThere):
        await rate(house.office, house.kinds, filed.record_id, "5", stranger)


async def test_the_acts_that_are_offered(house: House) -> None:
    filed = await house.complain()
    offered = {
        who: [each.act for each in await acts_open(house.office, house.kinds, await house.actor(who), record)]
        for who in ("clerk", "handler", "port_head", "integrity", "sysadmin")
        for record in [await house.record(filed)]
    }
    assert offered["clerk"] == ["受理", "不予受理", "告知或转送", "转为密件", "补充"]
    assert all(not acts for who, acts in offered.items() if who != "clerk")


async def test_a_plea_that_already_works_is_told_at_once_and_only_once(house: House) -> None:
    filed = await house.plead(response="4")
    urgent = f"有紧急登记一件（{filed.number}），请在10:00前进入系统查看。"
    own = f"{filed.number}已加急报告。请先停办这件事、保留凭据，等候联系。"
    # the head of the integrity office, the leader in charge, and the officer himself
    assert sorted(await messages(house)) == sorted([urgent, urgent, own])
    record = await Record.get(id=filed.record_id)
    assert record.facts["@course"]["alerts"] == ["urgent"]

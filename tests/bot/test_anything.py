"""Any sequence of messages, commands and buttons: no crash, no lost draft, never more than a few replies to one."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.inbound import Inbound, OpenQuestion
from models.outgoing import Message
from tests.bot.conftest import LIN_CODE, Cast, Phone
from tests.bot.test_intercession import ANSWERS

WORDS = [
    *ANSWERS,
    *("说情", "投诉", "投诉 窗口没人", "帮助", "人工", "退订", "恢复", "查询", "收到", "1", "2", "5", "9", "0", "继续"),
    *("上一步", "跳过", "修改", "放弃", "完", "更多", "back", "SKIP", "?", "", "  ", "绑定", "绑定#9021033", "绑定#"),
    *(
        "说情#0914#周某#素舸货代#2#1#让先放#1",
        "说情#",
        "说情#1305#a",
        "投诉###没人",
        "签名码#",
        "签名码#4821",
        "SIGN#x",
    ),
    *("TS26091400130", "查询#TS26091400130#204817", "/start", "/register", "/nothing", "俺跑了三趟都没办成", "救命"),
    *(
        LIN_CODE,
        "123456",
        "不详",
        "九月",
        "=HYPERLINK(1)",
        "{0.__class__} %s {{x}}",
        "\u202e反",
        "a" * 3000,
        "收" * 2500,
    ),
]
ACTIONS = st.lists(st.sampled_from([*WORDS, *range(6)]) | st.text(max_size=30), min_size=1, max_size=14)
MOST_REPLIES = 5
QUIET = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


async def act(phone: Phone, action: str | int) -> None:
    """Say it, or press a button (a fresh one or one that was shown some time ago)."""
    shown = [data for said in phone.shown for _, data in said.buttons]
    if isinstance(action, int):
        await phone.presses_data(shown[-1 - action % len(shown)] if shown else "q:1:1:1")
    else:
        await phone.sends(action)
    phone.shown += phone.last


@settings(max_examples=8, **QUIET)  # type: ignore[arg-type]
@given(actions=ACTIONS, where=st.sampled_from(["lin_sms", "lin_chat", "wang", "lee"]))
async def test_nothing_breaks(cast: Cast, actions: list[str | int], where: str) -> None:
    known = getattr(cast, where)
    person = cast.lin if where.startswith("lin") else None
    fresh = await cast.world.phone(known.channel, f"{known.identity}{await Inbound.all().count():04}", person)
    for action in actions:
        before = await fresh.dialogs()
        await act(fresh, action)
        row = await fresh.inbound()
        assert (row.state, row.tries) == ("handled", 0), action
        assert len(fresh.last) <= MOST_REPLIES, (action, [each.key for each in fresh.last])
        assert len(await fresh.dialogs()) <= 1
        for dialog in before:
            now = await OpenQuestion.get(id=dialog.id)
            assert now.closed_at is None or now.outcome in {"answered", "dropped"}, action
    assert not await OpenQuestion.filter(closed_at__isnull=False, payload__isnull=False).exists()
    assert not await Message.filter(body=None).exists()

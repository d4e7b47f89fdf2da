"""S01: what people and providers do in the reminder's way from draft to acknowledgement."""

from collections.abc import Awaitable, Callable, Mapping

from models.campaign import Campaign
from models.inbound import OpenQuestion
from tests.scenarios.people import contacts
from tests.scenarios.play import Play
from tests.scenarios.plot import moment

BY_CHAT_FIRST, BY_CHAT_LATER = 20, 6
BY_SMS_LATER = 4
FAILS, MUTE = "9021003", "9021038"


async def given(play: Play) -> None:
    """The bad day of step 9 has to be arranged before anything is sent."""
    sandbox, mute = play.stage.sandbox, contacts()[MUTE].phone
    await sandbox.fault("fail_permanently", match={"to": contacts()[FAILS].phone}, error_code=30003)
    await sandbox.fault("lose_receipt", match={"to": mute})
    play.stage.mute.add(mute)
    play.kept["acked"] = []


async def write(play: Play) -> None:
    """Write the campaign from the template's form."""
    changes = {
        "when": "festival",
        "festival": "zhongqiu",
        "days_before": "3",
        "festival_time": "09:00",
        "ack": "yes",
        "category": "education",
    }
    page = await play.send("/reminders/new?template=RM-ZQ-01", "/reminders/new", changes)
    assert page.status == 200, page.words
    play.campaign_id = (await Campaign.get(template="RM-ZQ-01")).public_id


async def _act(play: Play, act: str) -> None:
    page = f"/reminders/{play.campaign_id}"
    await play.send(page, f"{page}/acts/{act}", {})


async def submit(play: Play) -> None:
    """Send it for approval."""
    await _act(play, "submit")


async def test_and_submit(play: Play) -> None:
    """Test message to self, answered in chat; then the approval is asked for."""
    await _act(play, "test")
    assert any("月饼" in text for text in play.texts_to(play.step.who))
    await play.say(play.step.who, "chat", "收到")
    assert any(play.says("T-ACK-OK", text) for text in play.texts_to(play.step.who))
    await _act(play, "submit")


async def approve_own(play: Play) -> None:
    """The page has the button for the author too, and says why not when he uses it."""
    await _act(play, "approve")


async def approve(play: Play) -> None:
    """Approve; the page says so."""
    await _act(play, "approve")
    assert play.page is not None
    assert play.page.status == 200, play.page.words


async def change_a_word(play: Play) -> None:
    """Change one word of the text."""
    page = f"/reminders/{play.campaign_id}/edit"
    text = "月饼可以甜，人情不能欠。中秋前后收到券、卡、礼盒，请谢绝或三日内登记。"
    answer = await play.send(page, page, {"text_zh-Hans": text})
    assert answer.status == 200, answer.words


async def nothing(play: Play) -> None:
    """What is due at this moment happens by itself."""


async def _who_waits(play: Play, channel: str) -> list[str]:
    """Those who are asked and have not answered, by staff number."""
    asked = OpenQuestion.filter(kind="ack", closed_at__isnull=True, ref_id__isnull=False, address__channel=channel)
    found = {str(each) for each in await asked.values_list("person__staff_no", flat=True)}
    return sorted(found - {FAILS})


async def _by_chat(play: Play, many: int) -> None:
    for staff_no in (await _who_waits(play, "telegram"))[:many]:
        await play.press(staff_no, "收到" if staff_no != "9021030" else "Received")
        play.kept["acked"].append(staff_no)
    await play.stage.settle()


async def twenty_by_chat(play: Play) -> None:
    """Twenty press the button; the two of the steps before count as well."""
    play.kept["acked"] += ["9021022", "9021033"]
    await _by_chat(play, BY_CHAT_FIRST)


async def chase(play: Play) -> None:
    """The editor has those asked once more who were reached and did not answer."""
    play.kept["acked"].append(MUTE)
    play.kept["chased"] = play.step.name
    run = await play.run()
    page = f"/reminders/{play.campaign_id}"
    answer = await play.send(page, f"{page}/runs/{run.public_id}/chase", {})
    assert answer.status == 200, answer.words
    again = await play.browser(play.step.who)
    assert "/chase" not in (await again.get(page)).text


async def the_rest(play: Play) -> None:
    """Six more by chat, four more by SMS; then the time for it is over."""
    await _by_chat(play, BY_CHAT_LATER)
    for staff_no in (await _who_waits(play, "sms"))[:BY_SMS_LATER]:
        await play.say(staff_no, "sms", "1")
    await play.stage.move_to(moment("2026-09-24T24:00"))


DEEDS: Mapping[str, Callable[[Play], Awaitable[None]]] = {
    "1": write,
    "2": submit,
    "3": test_and_submit,
    "4": approve_own,
    "5": approve,
    "6": change_a_word,
    "7": approve,
    "8": nothing,
    "9": nothing,
    "14": twenty_by_chat,
    "16": chase,
    "17": the_rest,
    "end": nothing,
}

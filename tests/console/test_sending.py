"""The place of sending: the switch, lanes added and changed, unknown messages sent again, incidents."""

from datetime import timedelta

from messaging import lane_book
from models.campaign import Run, Schedule
from models.lane import Lane
from models.outgoing import Message
from models.sending import Incident, SendingAct
from tests.console.conftest import sqlite_only
from tests.console.house import HOSTILE, House

LANE = {
    "name": "second number",
    "channel": "sms",
    "sender": "+8610690000002",
    "rate": "5",
    "weight": "1",
    "cap_day": "1000",
    "prefix": "+86",
    "enabled": "yes",
    "account_sid": "AC" + "0" * 32,
    "auth_token": "a-secret-token",
}


@sqlite_only
async def test_everything_is_stopped_and_resumed(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        asked = await admin.get("/sending/stop")
        assert "Within five seconds" in asked.words
        assert not await lane_book.is_stopped()
        stopped = await admin.post("/sending/stop", {}, page="/sending/stop")
        assert stopped.path == "/sending"
        assert "Sending is stopped" in stopped.words
        assert (await admin.post("/sending/stop", {}, page="/sending")).status == 409
        resumed = await admin.post("/sending/resume", {}, page="/sending")
        assert "Last resumed by" in resumed.words
        assert not await lane_book.is_stopped()
    assert await SendingAct.all().order_by("id").values_list("act", flat=True) == ["stop_sending", "resume_sending"]


@sqlite_only
async def test_a_lane_is_added_and_its_secret_is_never_shown(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        wrong = await admin.post(
            "/sending/lanes/new", LANE | {"rate": "fast", "auth_token": ""}, page="/sending/lanes/new"
        )
        assert wrong.status == 422
        assert "must be a number" in wrong.words
        wrong = await admin.post("/sending/lanes/new", LANE | {"auth_token": ""}, page="/sending/lanes/new")
        assert wrong.status == 422
        assert 'href="#f-auth_token"' in wrong.text
        assert 'value="second number"' in wrong.text, "what was typed stays"
        assert LANE["auth_token"] not in wrong.text
        added = await admin.post("/sending/lanes/new", LANE, page="/sending/lanes/new")
        assert added.path == "/sending"
        assert "second number" in added.words
        lane = await Lane.get(name="second number")
        shown = await admin.get(f"/sending/lanes/{lane.id}")
        assert LANE["auth_token"] not in shown.text
        assert LANE["account_sid"] not in shown.text
        changed = await admin.post(
            f"/sending/lanes/{lane.id}", {"rate": "2.5", "weight": "3", "cap_day": ""}, page=f"/sending/lanes/{lane.id}"
        )
        assert changed.path == "/sending"
    lane = await Lane.get(id=lane.id)
    assert (lane.rate, lane.weight, lane.cap_day, lane.prefix, lane.enabled) == (2.5, 3, None, "", False)
    assert await SendingAct.all().order_by("id").values_list("act", flat=True) == ["add_lane", "change_lane"]


@sqlite_only
async def test_credentials_are_replaced_and_never_shown(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        await admin.post("/sending/lanes/new", LANE, page="/sending/lanes/new")
        lane = await Lane.get(name="second number")
        page = f"/sending/lanes/{lane.id}"
        assert "Replace credentials" in (await admin.get(page)).words
        for given, field in (({}, ""), ({"auth_token": "two words-77"}, "auth_token"), ({"api_url": "x"}, "api_url")):
            wrong = await admin.post(f"{page}/credentials", given, page=page)
            assert wrong.status == 422
            assert (f'href="#f-{field}"' if field else "Fill in at least one") in wrong.text
            assert "two words-77" not in wrong.text
            assert 'value="1000"' in wrong.text, "the other form shows the lane as it is"
        await Lane.filter(id=lane.id).update(held_until=house.office.clock.now() + timedelta(hours=1))
        done = await admin.post(f"{page}/credentials", {"auth_token": "new-token-77"}, page=page)
        assert done.path == "/sending"
        assert "credentials are replaced" in done.words
        assert "new-token-77" not in (await admin.get(page)).text
        settings = f"/sending/lanes/{house.lane}"
        assert "Replace credentials" not in (await admin.get(settings)).words
        refused = await admin.post(f"{settings}/credentials", {"auth_token": "x"}, page=settings)
        assert refused.status == 422
        assert "come from the settings" in refused.words
    changed = await Lane.get(id=lane.id)
    assert changed.held_until is None
    assert changed.credentials is not None
    assert '"auth_token": "new-token-77"' in house.office.key.decrypt(changed.credentials)
    assert await SendingAct.all().order_by("id").values_list("act", flat=True) == ["add_lane", "change_credentials"]


@sqlite_only
async def test_the_settings_lane_keeps_its_rate(house: House) -> None:
    page = f"/sending/lanes/{house.lane}"
    async with await house.as_role("sysadmin", "en-GB") as admin:
        answer = await admin.post(page, {"rate": "99", "weight": "1", "enabled": "yes"}, page=page)
    assert answer.status == 422
    assert 'href="#f-rate"' in answer.text


@sqlite_only
async def test_one_unknown_message_is_sent_again_after_a_plain_warning(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        listed = await admin.get("/sending/unknown/others")
        assert "no answer in time" in listed.words
        assert "TimeoutError" in listed.words
        assert HOSTILE not in listed.text
        warned = await admin.get(f"/sending/unknown/others/resend?message={house.unknown}")
        assert "may get it twice" in warned.words
        page = "/sending/unknown/others/resend"
        done = await admin.post(page, {"message": str(house.unknown)}, page=f"{page}?message={house.unknown}")
        assert done.path == "/sending/unknown"
        assert "Nothing is unclear" in done.words
        assert "may get it twice" in (await admin.get(f"/sending/messages/{house.unknown}")).words
    assert (await Message.get(id=house.unknown)).possible_duplicate


async def belongs_to_a_run(house: House) -> Run:
    """Make the unknown message part of a finished run."""
    now, schedule = house.office.clock.now(), await Schedule.filter(campaign_id=house.campaign.id).first()
    assert schedule is not None
    run = await Run.create(
        campaign_id=house.campaign.id,
        schedule_id=schedule.id,
        due_at=now,
        category="education",
        audience={},
        state="finished",
    )
    officer = await house.person("officer")
    await Message.filter(id=house.unknown).update(run_id=run.id, person_id=officer.id)
    await type(house.campaign).filter(id=house.campaign.id).update(state="active")
    return run


@sqlite_only
async def test_the_approver_decides_on_what_belongs_to_a_reminder(house: House) -> None:
    run, officer = await belongs_to_a_run(house), await house.person("officer")
    page = f"/sending/unknown/{run.public_id}"
    async with await house.as_role("sysadmin", "en-GB") as admin:
        groups = await admin.get("/sending/unknown")
        assert "The campaign approver decides" in groups.words
        assert house.campaign.title not in groups.words
        assert (await admin.get(page)).status == 403
        assert (await admin.post(f"{page}/resend", {"many": "1"}, page="/sending/stop")).status == 403
    async with await house.as_role("approver", "en-GB") as approver:
        assert "/sending/unknown/others" not in (await approver.get("/sending/unknown")).text
        assert (await approver.get("/sending")).status == 403
        assert page in (await approver.get(f"/reminders/{house.campaign.public_id}")).text
        listed = await approver.get(page)
        assert (officer.staff_no or "") in listed.words
        changed = await approver.post(f"{page}/resend", {"many": "2"}, page=f"{page}/resend")
        assert changed.status == 409
        assert "now 1" in changed.words
        done = await approver.post(f"{page}/resend", {"many": "1"}, page=f"{page}/resend")
        assert done.path == "/sending/unknown"
    assert (await Run.get(id=run.id)).state == "sending"
    assert await SendingAct.filter(act="resend", message_id=house.unknown).exists()


@sqlite_only
async def test_incidents_say_what_to_do_next(house: House) -> None:
    now = house.office.clock.now()
    await Incident.create(sort="no_receipts", opened_at=now - timedelta(hours=3), last_at=now)
    async with await house.as_role("sysadmin", "en-GB") as admin:
        shown = await admin.get("/sending/incidents")
        assert "asked to slow down" in shown.words
        assert "The provider has to reach /hooks/" in shown.words.replace("the provider", "The provider")
        assert "Over" in (await admin.get("/sending/incidents?view=closed")).words
        assert "Incidents open now: 2" in (await admin.get("/sending")).words


@sqlite_only
async def test_nothing_there_explains_itself(house: House) -> None:
    await Message.all().update(state="delivered")
    await Incident.all().delete()
    expected = {
        "/sending": ("Nothing waits", "No process says that it runs"),
        "/sending/unknown": ("Nothing is unclear",),
        "/sending/incidents": ("Nothing is wrong",),
        "/sending/incidents?view=closed": ("No incident is over yet",),
    }
    async with await house.as_role("sysadmin", "en-GB") as admin:
        for path, words in expected.items():
            page = await admin.get(path)
            assert [each for each in words if each not in page.words] == [], path


@sqlite_only
async def test_how_a_lane_stands_in_words(house: House) -> None:
    now = house.office.clock.now()
    stands = [
        ({"owner": None}, "No process"),
        ({"enabled": False}, "It sends nothing"),
        ({"owner": "one", "last_error": "20003", "held_until": now + timedelta(seconds=50)}, "Refused"),
    ]
    for values, words in stands:
        await Lane.filter(id=house.lane).update(enabled=True, held_until=None)
        await Lane.filter(id=house.lane).update(**values)
        async with await house.as_role("sysadmin", "en-GB") as admin:
            assert words in (await admin.get("/sending")).words

"""A reminder by way of its pages: written, tested, submitted, refused to its author, approved by another, sent."""

import html
from datetime import timedelta

from campaigns.running import step
from core.clock import HandClock
from models.campaign import Campaign, CampaignText, Run
from models.outgoing import Message
from tests.campaigns.story import mark_received, provider_takes
from tests.console.conftest import sqlite_only
from tests.console.house import HOSTILE, House

FORM = [
    ("title", "国庆 · 值班"),
    ("text_zh-Hans", "国庆值班，请勿收礼。"),
    ("text_zh-Hant", ""),
    ("text_en", "No gifts over the holiday."),
    ("category", "education"),
    ("ack", "yes"),
    ("when", "festival"),
    ("festival", "guoqing"),
    ("days_before", "3"),
    ("festival_time", "09:00"),
    ("date", ""),
    ("time", "09:00"),
    ("when_missed", "ask"),
    ("grace", "120"),
]


def changed(**values: str) -> list[tuple[str, str]]:
    return [(name, values.get(name, value)) for name, value in FORM]


async def test_from_the_first_word_to_the_result(house: House) -> None:
    async with await house.as_role("editor", "en-GB") as editor, await house.as_role("approver", "en-GB") as approver:
        kept = await editor.post(
            "/reminders/new", [*FORM, ("state", "approved"), ("author_id", "1")], page="/reminders/new?template=own"
        )
        assert "The draft is saved" in kept.words
        assert "Mon 28 Sep" in kept.words
        campaign = await Campaign.get(title="国庆 · 值班")
        assert campaign.state == "draft"
        path = f"/reminders/{campaign.public_id}"
        early = await editor.post(f"{path}/acts/submit", {}, page=path)
        assert early.status == 409
        assert "Send a test message to yourself first" in early.words
        await editor.post(f"{path}/acts/test", {}, page=path)
        await mark_received(await Campaign.get(id=campaign.id))
        assert "Submitted" in (await editor.post(f"{path}/acts/submit", {"version": "1"}, page=path)).words
        own = await editor.post(f"{path}/acts/approve", {"version": "1"}, page=path)
        assert own.status == 409
        assert "Not done:" in own.words
        assert (await Campaign.get(id=campaign.id)).state == "submitted"
        stale = await approver.post(f"{path}/acts/approve", {"version": "7"}, page=path)
        assert stale.status == 409
        done = await approver.post(f"{path}/acts/approve", {"version": "1"}, page=path)
        assert "Approved. It will be sent at its time." in done.words


async def test_counts_results_and_chase(house: House) -> None:
    async with await house.as_role("editor", "en-GB") as editor, await house.as_role("approver", "en-GB") as approver:
        await editor.post("/reminders/new", changed(when="approval"), page="/reminders/new?template=own")
        campaign = await Campaign.get(title="国庆 · 值班")
        path = f"/reminders/{campaign.public_id}"
        await editor.post(f"{path}/acts/test", {}, page=path)
        await mark_received(campaign)
        await editor.post(f"{path}/acts/submit", {"version": "1"}, page=path)
        await approver.post(f"{path}/acts/approve", {"version": "1"}, page=path)
        await step(house.office)
        run = await Run.get(campaign_id=campaign.id)
        paused = await approver.post(f"{path}/acts/pause", {}, page=path)
        assert "Paused." in paused.words
        await approver.post(f"{path}/acts/resume", {}, page=path)
        await provider_takes(house.office, run)
        await step(house.office)
        async with editor.client.get(f"{path}/runs/{run.public_id}/counts") as got:
            counts = await got.json()
        assert counts["planned"] == counts["accepted"] + counts["ended"] + counts["open"] + counts["unknown"]
        waiting = await editor.get(f"{path}/runs/{run.public_id}?only=waiting")
        assert "Delivered" in waiting.words
        page = await editor.get(path)
        assert "The books balance" in page.words
        chased = await editor.post(f"{path}/runs/{run.public_id}/chase", {}, page=path)
        assert "reminded once more" in chased.words
        again = await editor.post(f"{path}/runs/{run.public_id}/chase", {}, page=path)
        assert again.status == 409
        assert await Run.filter(campaign_id=campaign.id).count() == 2


@sqlite_only
async def test_a_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it(house: House) -> None:
    bad = changed(title="", festival="nowhere", days_before="x", text_en="Kept & <b>")
    async with await house.as_role("editor", "en-GB") as editor:
        answer = await editor.post("/reminders/new", bad, page="/reminders/new?template=own")
        assert answer.status == 422
        for part in ('href="#f-title"', 'href="#f-festival"', 'id="e-days_before"', "Kept &amp; &lt;b&gt;", "国庆值班"):
            assert part in answer.text, part
        past = await editor.post(
            "/reminders/new", changed(when="at", date="2026-09-01"), page="/reminders/new?template=own"
        )
        assert past.status == 422
        assert "2026-09-15 09:00" in past.words or "2026-09-14 09:00" in past.words
        assert await Campaign.all().count() == 1


@sqlite_only
async def test_the_moment_is_shown_before_anything_is_kept(house: House) -> None:
    async with await house.as_role("editor", "en-GB") as editor:
        looked = await editor.post("/reminders/new", [*FORM, ("look", "1")], page="/reminders/new?template=own")
        assert "Sent" in looked.words
        assert "counted back 3 working days" in looked.words
        later = await editor.get("/reminders/moment?when=festival&festival=chunjie&days_before=3&festival_time=09:00")
        assert "provisional" in later.words
        assert await Campaign.all().count() == 1


@sqlite_only
async def test_a_change_after_approval_is_submitted_again(house: House) -> None:
    async with await house.as_role("editor", "en-GB") as editor:
        path = f"/reminders/{house.campaign.public_id}"
        await Campaign.filter(id=house.campaign.id).update(state="approved")
        page = await editor.get(f"{path}/edit")
        assert "submitted again" in page.words
        kept = await editor.post(f"{path}/edit", [*changed(title="改"), ("version", "1")], page=f"{path}/edit")
        assert "submitted for approval again" in kept.words
        await house.campaign.refresh_from_db()
        assert (house.campaign.state, house.campaign.version) == ("submitted", 2)
        stale = await editor.post(f"{path}/edit", [*changed(title="又"), ("version", "1")], page=f"{path}/edit")
        assert stale.status == 422


@sqlite_only
async def test_hostile_text_is_inert(house: House) -> None:
    await Campaign.filter(id=house.campaign.id).update(title=HOSTILE)
    assert await CampaignText.filter(text__contains="<script>").exists()
    assert await Message.all().exists()
    async with await house.as_role("editor") as editor, await house.as_role("clerk") as clerk:
        seen = [
            await editor.get("/reminders"),
            await editor.get(f"/reminders/{house.campaign.public_id}"),
            await editor.get(f"/reminders/{house.campaign.public_id}/edit"),
            await clerk.get(f"/records/complaint/{house.complaint.public_id}"),
            await clerk.get(f"/inbox/{house.talk}"),
        ]
    for answer in seen:
        assert "<script>alert" not in answer.text, answer.path
        assert html.escape("<script>alert(1)</script>", quote=False) in answer.text, answer.path
        assert "{{ 7*7 }}" in answer.text, answer.path
        assert "\u202e" not in answer.text, answer.path


@sqlite_only
async def test_an_act_that_does_not_exist_is_no_page(house: House) -> None:
    async with await house.as_role("editor") as editor:
        path = f"/reminders/{house.campaign.public_id}"
        assert (await editor.post(f"{path}/acts/explode", {}, page=path)).status == 404
        assert (await editor.get("/reminders/nothing")).status == 404
        assert (await editor.get(f"{path}/recipients/nobody")).status == 404
        assert (await editor.get(f"{path}/runs/nothing")).status == 404


@sqlite_only
async def test_a_missed_moment_is_decided_by_a_person(house: House, clock: HandClock) -> None:
    async with await house.as_role("editor", "en-GB") as editor, await house.as_role("approver", "en-GB") as approver:
        await editor.post("/reminders/new", FORM, page="/reminders/new?template=own")
        campaign = await Campaign.get(title="国庆 · 值班")
        path = f"/reminders/{campaign.public_id}"
        await editor.post(f"{path}/acts/test", {}, page=path)
        await mark_received(campaign)
        await editor.post(f"{path}/acts/submit", {"version": "1"}, page=path)
        await approver.post(f"{path}/acts/approve", {"version": "1"}, page=path)
        clock.advance(timedelta(days=20))
        await step(house.office)
        run = await Run.get(campaign_id=campaign.id)
        assert run.state == "missed"
    async with await house.as_role("approver", "en-GB") as approver:
        assert "The moment was missed" in (await approver.get(path)).words
        assert (await approver.post(f"{path}/runs/{run.public_id}/missed", {"choice": "x"}, page=path)).status == 404
        left = await approver.post(f"{path}/runs/{run.public_id}/missed", {"choice": "skip"}, page=path)
        assert "This one is not sent" in left.words

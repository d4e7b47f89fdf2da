"""What may be written, changed and approved, and by whom."""

from datetime import timedelta

import pytest

from campaigns import approving, drafting
from campaigns.audience import Audience, preview, readers
from campaigns.drafting import Draft, do_change, do_create, draft_of
from campaigns.scheduling import BeforeFestival
from campaigns.templates import templates
from campaigns.trying import do_test
from core.clock import HandClock
from core.errors import Conflict, NotAllowed, NotThere, Refused
from core.office import Office
from models.campaign import Campaign, CampaignText
from models.outgoing import Message
from tests.campaigns.story import APPROVER, EDITOR, SYSADMIN, at, free, mark_received, mid_autumn
from tests.people.sample import actor, load_sample

LONG = "长" * 270

WRONG = [
    (free(title=" "), "campaign.title"),
    (free(title="长" * 121), "campaign.title"),
    (free(texts={"en": "hello"}), "campaign.no_text"),
    (free(texts={"zh-Hans": "好", "fr": "bon"}), "campaign.no_language"),
    (free("长" * 2001), "campaign.text_huge"),
    (free(category="survey"), "campaign.no_choice"),
    (free(when_missed="guess"), "campaign.no_choice"),
    (free(grace_minutes=-1), "campaign.grace"),
    (free(audience=Audience(units=("U99",))), "campaign.no_unit"),
    (free(audience=Audience(post_classes=("boss",))), "campaign.no_post_class"),
]


async def test_drafts_that_are_refused(db: str, office: Office) -> None:
    await load_sample(office)
    editor = await actor(office, EDITOR)
    for draft, key in WRONG:
        with pytest.raises(Refused) as refused:
            await do_create(office, editor, draft)
        assert refused.value.key == key
        assert office.texts.say(key, "en", **refused.value.values)
    for staff_no in (APPROVER, SYSADMIN):
        with pytest.raises(NotAllowed):
            await do_create(office, await actor(office, staff_no), free())
    assert await Campaign.all().count() == 0


async def test_a_draft_comes_back_as_it_was_written(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    draft = mid_autumn(texts={"zh-Hans": "{{x}} %s\x00\u202e ok \n"}, audience=Audience(("U10",), ("key",)))
    campaign = await do_create(office, await actor(office, EDITOR), draft)
    kept = await draft_of(campaign)
    assert kept.texts == {"zh-Hans": "{{x}} %s ok"}
    assert (kept.audience, kept.ack, kept.occasion, kept.template) == (draft.audience, True, "中秋", "RM-ZQ-01")
    assert kept.when == BeforeFestival("zhongqiu", 3, draft.when.at, 2026)  # type: ignore[union-attr]
    seen = await preview(office, campaign)
    pages = [await readers(campaign, "to_send", start, 3) for start in (0, 3, 6)]
    assert [[one.staff_no for one in page] for page in pages] == [
        ["9021021", "9021022", "9021023"],
        ["9021024", "9021025"],
        [],
    ]
    assert {saying.text for saying in seen.sayings} == {"【星澜海关】{{x}} %s ok阅后请回“收到”。"}


async def test_too_long_is_refused_before_it_is_submitted(db: str, office: Office) -> None:
    await load_sample(office)
    editor = await actor(office, EDITOR)
    campaign = await do_create(office, editor, free(LONG))
    assert [(one.lang, one.segments) for one in (await preview(office, campaign)).too_long] == [
        ("zh-Hans", 5),
        ("zh-Hant", 5),
        ("en", 5),
    ]
    for refused_act in (
        do_test(office, editor, campaign.public_id),
        approving.do_submit(office, editor, campaign.public_id, 1),
    ):
        with pytest.raises(Refused) as refused:
            await refused_act
        assert (refused.value.key, refused.value.values["n"]) == ("campaign.too_long", 5)
    assert await Message.all().count() == 0


async def test_who_changed_it_may_not_approve_it(db: str, office: Office) -> None:
    await load_sample(office)
    editor, approver = await actor(office, EDITOR), await actor(office, APPROVER)
    both = await actor(office, SYSADMIN)
    both = type(both)(both.person_id, both.staff_no, both.unit_id, {"editor": None, "approver": None})
    campaign = await do_create(office, editor, free())
    await do_change(office, both, campaign.public_id, free("请再核对。"), 1)
    await do_test(office, editor, campaign.public_id)
    await mark_received(campaign)
    await approving.do_submit(office, editor, campaign.public_id, 2)
    with pytest.raises(NotAllowed) as own:
        await approving.do_approve(office, both, campaign.public_id, 2)
    assert own.value.key == "campaign.own_approval"
    with pytest.raises(Conflict) as meanwhile:
        await approving.do_approve(office, approver, campaign.public_id, 1)
    assert meanwhile.value.key == "campaign.changed_meanwhile"
    fresh = await Campaign.get(id=campaign.id)
    assert await approving.acts_open(both, fresh) == ("change", "test", "send_back", "cancel")
    assert await approving.acts_open(approver, fresh) == ("approve", "send_back", "cancel")
    assert await approving.acts_open(await actor(office, 9021014), fresh) == ()
    back = await approving.do_send_back(office, approver, campaign.public_id, 2)
    assert (back.state, back.version) == ("draft", 2)


async def test_two_editors_at_once(db: str, office: Office) -> None:
    await load_sample(office)
    editor = await actor(office, EDITOR)
    campaign = await do_create(office, editor, free())
    await do_change(office, editor, campaign.public_id, free("一"), 1)
    with pytest.raises(Conflict):
        await do_change(office, editor, campaign.public_id, free("二"), 1)
    assert {row.text for row in await CampaignText.filter(campaign_id=campaign.id)} == {"一"}
    with pytest.raises(NotThere):
        await do_change(office, editor, "no-such-id", free(), 1)


async def test_a_test_of_an_older_version_does_not_count(db: str, office: Office) -> None:
    await load_sample(office)
    editor = await actor(office, EDITOR)
    campaign = await do_create(office, editor, free())
    await do_test(office, editor, campaign.public_id)
    with pytest.raises(Refused, match=r"campaign\.test_first"):
        await approving.do_submit(office, editor, campaign.public_id, 1)
    await mark_received(campaign)
    await do_change(office, editor, campaign.public_id, free("一"), 1)
    with pytest.raises(Refused, match=r"campaign\.test_first"):
        await approving.do_submit(office, editor, campaign.public_id, 2)


async def test_approval_after_the_moment_names_the_next(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    editor, approver = await actor(office, EDITOR), await actor(office, APPROVER)
    campaign = await do_create(office, editor, mid_autumn())
    await do_test(office, editor, campaign.public_id)
    await mark_received(campaign)
    await approving.do_submit(office, editor, campaign.public_id, 1)
    clock.move_to(at("09-22T11:01"))
    with pytest.raises(Refused) as refused:
        await approving.do_approve(office, approver, campaign.public_id, 1)
    assert refused.value.values == {"date": "2027-09-10 09:00"}
    clock.advance(timedelta(minutes=-2))
    clock.move_to(at("09-22T10:59"))
    assert (await approving.do_approve(office, approver, campaign.public_id, 1)).state == "approved"


def test_templates_in_three_languages() -> None:
    found = templates()
    assert len(found) == 52
    one = found["RM-ZQ-01"]
    assert (one.ack, one.category, one.audience) == (True, "education", ("staff_all",))
    assert one.texts["en"].startswith("Mooncakes")
    assert isinstance(drafting.draft_from("RM-GQ-01", lang="en"), Draft)
    with pytest.raises(NotThere):
        drafting.draft_from("RM-XX", lang="en")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("中秋前后收到券、卡、礼盒，请拒收或三日内登记。", False),
        ("请读完岗位风险清单，回“1”确认。", True),
        ("阅后请回收到。", True),
        ("請回覆“收到”。", True),
        ("Read the risk list of the post and reply 1.", True),
        ("Return it if you received a card.", False),
    ],
)
def test_a_text_says_how_to_acknowledge_or_is_told_to(text: str, asks: bool) -> None:
    from campaigns.audience import _ASKS_FOR_ACK

    assert bool(_ASKS_FOR_ACK.search(text)) is asks

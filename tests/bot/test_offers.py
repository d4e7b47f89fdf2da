"""After an intercession with something given: the officer is offered to register that too."""

from models.inbound import OpenQuestion
from models.record import Record
from tests.bot.conftest import LIN_CODE, Cast, keys
from tests.bot.test_intercession import fill


async def to_the_end(cast: Cast, benefit: str) -> list[str]:
    """File an intercession by SMS, say whether something was given, skip the rest; what is said last."""
    await fill(cast)
    said = await cast.lin_sms.sends(LIN_CODE)
    for _ in range(20):
        if "dialog.later_done" in keys(said):
            break
        said = await cast.lin_sms.sends(benefit if said[-1].key == "ask.intercession.benefit" else "跳过")
    return keys(said)


async def test_what_was_given_is_offered_to_be_registered(cast: Cast) -> None:
    assert await to_the_end(cast, "3") == ["dialog.later_done", "intercession.offer_gift"]
    plea = await Record.get()
    assert keys(await cast.lin_sms.sends("1")) == ["ask.gift.giver_name"]  # the day is known
    for answer in ("周某 素舸货代", "现金2000元", "3"):
        said = await cast.lin_sms.sends(answer)
    assert keys(said) == ["T-SIGN-ASK"]
    await cast.lin_sms.sends(LIN_CODE)
    gift = await Record.get(kind="gift")
    assert gift.facts["linked_intercession"] == plea.number
    assert gift.facts["received_at"] == plea.facts["occurred_at"][:10]


async def test_later_is_an_answer_and_nothing_is_lost(cast: Cast) -> None:
    await to_the_end(cast, "3")
    assert keys(await cast.lin_sms.sends("2")) == ["bot.fine"]
    assert not await OpenQuestion.filter(kind="offer", closed_at__isnull=True).exists()
    assert await Record.all().count() == 1


async def test_where_nothing_was_given_nothing_is_offered(cast: Cast) -> None:
    assert await to_the_end(cast, "1") == ["dialog.later_done"]


async def test_something_else_meanwhile_is_not_swallowed(cast: Cast) -> None:
    await to_the_end(cast, "3")
    assert keys(await cast.lin_sms.sends("说情")) == ["ask.intercession.occurred_at"]

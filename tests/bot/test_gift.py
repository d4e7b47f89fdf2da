"""The register of gifts by message: a few questions, money in words and currencies, the rest afterwards."""

import re

import pytest

from models.record import Record
from tests.bot.conftest import LIN_CODE, Cast, keys

FIRST = [f"ask.gift.{name}" for name in ("received_at", "giver_name", "description", "handling")]
LATER = [f"ask.gift.{name}" for name in ("place", "officers_same_occasion", "giver_relation")]


async def to_amount(cast: Cast, thing: str) -> None:
    for text in ("红包", "昨天", "许某 折桂报关行", thing, "3"):
        await cast.lin_sms.sends(text)


async def test_four_answers_then_the_signing_code(cast: Cast) -> None:
    seen = keys(await cast.lin_sms.sends("红包"))
    for answer in ("昨天", "许某 折桂报关行", "现金两千", "3"):
        seen += keys(await cast.lin_sms.sends(answer))
    assert seen == [*FIRST, "T-SIGN-ASK"]
    receipt, question = await cast.lin_sms.sends(LIN_CODE)
    record = await Record.get()
    assert (receipt.key, question.key) == ("T-HB-RECEIPT", LATER[0])
    assert str(record.number) in receipt.text
    assert "纪检处301室" in receipt.text
    assert (record.kind, record.state, record.tracks) == ("gift", "reported", {"custody": "awaited"})
    assert (record.facts["amount"], record.facts["currency"], record.facts["kind"]) == (200000, "CNY", "1")


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [("两千", 200000, "CNY"), ("1.2万", 1200000, "CNY"), ("200美元", 20000, "USD"), ("500HKD", 50000, "HKD"),
     ("不详", "unknown", "CNY")],
)  # fmt: skip
async def test_an_amount_is_asked_where_none_was_said(cast: Cast, said: str, amount: int | str, currency: str) -> None:
    await to_amount(cast, "茶具一套")
    assert cast.lin_sms.last[0].key == "ask.gift.amount"
    assert keys(await cast.lin_sms.sends(said)) == ["T-SIGN-ASK"]
    await cast.lin_sms.sends(LIN_CODE)
    facts = (await Record.get()).facts
    assert (facts["amount"], facts["currency"]) == (amount, currency)
    assert facts.get("amount_cny") == (amount if currency == "CNY" and amount != "unknown" else None)


@pytest.mark.parametrize(
    "tries",
    [
        [("0", "amount_zero"), ("-5", "amount_zero")],
        [("1000000000000", "amount_huge"), ("3.005", "amount_decimals")],
        [("港币5美元", "amount_currencies"), ("好几千吧", "bad_amount")],
    ],
)
async def test_what_cannot_be_is_refused_and_the_dialog_goes_on(cast: Cast, tries: list[tuple[str, str]]) -> None:
    await cast.lin_sms.sends("红包")
    assert keys(await cast.lin_sms.sends("2099-01-01")) == ["error.future_date"]
    await cast.lin_sms.sends("昨天")
    await cast.lin_sms.sends("许某 折桂报关行")
    await cast.lin_sms.sends("茶具一套")
    await cast.lin_sms.sends("3")
    for impossible, why in tries:
        said = await cast.lin_sms.sends(impossible)
        assert keys(said) == [f"error.{why}"]
        assert re.search("2000|500HKD", said[0].text)
    assert keys(await cast.lin_sms.sends("300")) == ["T-SIGN-ASK"]


async def test_the_later_questions(cast: Cast) -> None:
    await to_amount(cast, "现金2000元")
    await cast.lin_sms.sends(LIN_CODE)
    assert keys(await cast.lin_sms.sends("查验台")) == [LATER[1]]
    assert keys(await cast.lin_sms.sends("很多")) == ["error.bad_number"]
    assert keys(await cast.lin_sms.sends("3")) == [LATER[2]]
    assert keys(await cast.lin_sms.sends("1")) == ["ask.gift.reason_given"]
    for _ in range(2):
        await cast.lin_sms.sends("跳过")
    assert cast.lin_sms.last[0].key == "ask.gift.back_at"
    assert keys(await cast.lin_sms.sends("今天")) == ["ask.gift.linked_intercession"]
    assert keys(await cast.lin_sms.sends("一句别的话")) == ["error.invalid"]
    assert keys(await cast.lin_sms.sends("跳过")) == ["ask.gift.evidence"]
    assert keys(await cast.lin_sms.sends("照片在手机里")) == ["records.files_only"]
    assert keys(await cast.lin_sms.sends("跳过")) == ["dialog.later_done"]
    record = await Record.get()
    assert (record.facts["officers_same_occasion"], record.facts["giver_relation"]) == (3, "1")
    assert "back_at" in record.facts


async def test_one_line(cast: Cast) -> None:
    assert keys(await cast.lin_sms.sends("HB#昨天#许某#折桂报关行#3#2000#1#购物卡两张")) == ["T-SIGN-ASK"]
    assert keys(await cast.lin_sms.sends(LIN_CODE)) == ["T-HB-RECEIPT", LATER[0]]
    assert (await Record.get()).facts["kind"] == "3"


async def test_in_chat_in_english(cast: Cast) -> None:
    for text in ("gift", "yesterday", "Lee Sample", "200 USD in cash"):
        said = await cast.lin_chat.sends(text)
    assert keys(said) == ["ask.gift.handling"]
    assert keys(await cast.lin_chat.sends("1")) == ["T-HB-RECEIPT", LATER[0]]
    record = await Record.get()
    assert (record.facts["amount"], record.facts["currency"], record.facts["proof"]) == (20000, "USD", "bound_account")

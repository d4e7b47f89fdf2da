"""Binding by a code that goes to the registered number and comes back from the new address; the signing code."""

import re
from datetime import timedelta

from models.address import Address
from models.inbound import Inbound
from models.org import Person
from tests.bot.conftest import Cast, Phone, keys


async def code_on(phone: Phone) -> str:
    """The code that was sent to a phone."""
    said = (await phone.reads())[-1]
    assert said.key == "T-BIND-CODE"
    found = re.search(r"\d{6}", said.text)
    assert found is not None
    return found[0]


async def test_a_chat_is_bound_by_the_code_from_the_phone(cast: Cast) -> None:
    assert keys(await cast.lee.sends("绑定#9021033")) == ["exchange.bind.otp"]
    code = await code_on(cast.ho_sms)
    assert keys(await cast.lee.sends(code)) == ["T-BIND-OK"]
    address = await Address.get(id=cast.lee.address_id)
    assert (address.person_id, address.verified_at is not None) == (cast.ho.id, True)
    assert keys(await cast.lee.sends("7302")) == ["exchange.sign.stored"]
    assert (await Person.get(id=cast.ho.id)).signing_hash is not None
    assert keys(await cast.lee.sends("说情"))[0] == "ask.intercession.occurred_at"


async def test_asked_for_the_number_first(cast: Cast) -> None:
    assert keys(await cast.lee.sends("/bind")) == ["exchange.bind.staff_no"]
    assert keys(await cast.lee.sends("9021033")) == ["exchange.bind.otp"]
    assert keys(await cast.lee.sends(await code_on(cast.ho_sms))) == ["T-BIND-OK"]


async def test_with_a_slash_command_in_one(cast: Cast) -> None:
    assert keys(await cast.lee.sends("/bind 9021033")) == ["exchange.bind.otp"]


async def test_who_has_a_code_is_done_at_once(cast: Cast) -> None:
    other = await cast.world.phone("telegram", "900000044")
    await other.sends("绑定#9021022")
    assert keys(await other.sends(await code_on(cast.lin_sms))) == ["exchange.bind.done"]


async def test_an_unknown_number_gets_the_same_answer(cast: Cast) -> None:
    assert keys(await cast.lee.sends("绑定#9999999")) == ["exchange.bind.otp"]
    assert keys(await cast.lee.sends("123456")) == ["binding.expired"]
    assert (await Address.get(id=cast.lee.address_id)).person_id is None


async def test_a_wrong_and_a_late_code(cast: Cast) -> None:
    await cast.lee.sends("绑定#9021033")
    code = await code_on(cast.ho_sms)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert keys(await cast.lee.sends(wrong)) == ["binding.wrong"]
    cast.world.office.clock.advance(timedelta(minutes=11))  # type: ignore[attr-defined]
    assert keys(await cast.lee.sends(code)) == ["T-FALLBACK"]
    assert (await Address.get(id=cast.lee.address_id)).person_id is None


async def test_the_code_counts_only_from_the_new_address(cast: Cast) -> None:
    await cast.lee.sends("绑定#9021033")
    code = await code_on(cast.ho_sms)
    assert keys(await cast.wang.sends(code)) == ["T-FALLBACK"]
    assert (await Address.get(id=cast.wang.address_id)).person_id is None


async def test_free_text_while_a_code_is_waited_for_goes_on(cast: Cast) -> None:
    await cast.lee.sends("绑定#9021033")
    assert keys(await cast.lee.sends("帮助")) == ["T-HELP-PUBLIC"]


async def test_a_signing_code_by_form(cast: Cast) -> None:
    table = [
        ("签名码#4821", "exchange.sign.stored"),
        ("签名码#1234", "signing.easy"),
        ("SIGN#12", "signing.four_digits"),
        ("簽名碼#7302", "exchange.sign.stored"),
    ]
    got = [(text, keys(await cast.lin_sms.sends(text))[0]) for text, _ in table]
    assert got == table
    assert not await Inbound.filter(body__isnull=False).exists()
    assert keys(await cast.wang.sends("签名码#4821")) == ["T-BIND-FIRST"]

"""Binding an address by one-time code, and the signing code."""

from datetime import timedelta

import pytest

from core.clock import HandClock
from core.errors import Refused
from core.office import Office
from messaging import addresses, consent
from models.address import Address, OneTimeCode
from models.org import Person
from models.outgoing import Message
from people import binding, signing
from people.persons import person_of
from tests.people.sample import load_sample


async def _code(office: Office, nth: int = -1) -> str:
    messages = await Message.filter(text_key="T-BIND-CODE").order_by("id")
    text = office.key.decrypt(messages[nth].body or b"")
    assert text.startswith("【星澜海关】绑定验证码")
    return "".join(one for one in text if one.isdigit())[:6]


async def test_code_to_the_registered_number_binds_the_new_address(db: str, office: Office) -> None:
    await load_sample(office)
    chat = await addresses.find_or_create(office, "telegram", "555")
    assert await binding.start(office, "9021022", chat.id) == "exchange.bind.otp"
    message = await Message.get(text_key="T-BIND-CODE").prefetch_related("address")
    assert message.address is not None
    assert addresses.identity_of(office, message.address) == "+86100000000022"
    code = await _code(office)
    assert code not in (await OneTimeCode.all().first()).code_hash
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert await binding.confirm(office, chat.id, wrong) == binding.Bound(None, "binding.wrong")
    bound = await binding.confirm(office, chat.id, f" {code} ")
    owner = await person_of(chat.id)
    assert owner is not None
    assert (bound.text_key, owner.id, owner.staff_no) == ("T-BIND-OK", bound.person_id, "9021022")
    assert (await binding.confirm(office, chat.id, code)).person_id is None


async def test_nothing_tells_whether_a_staff_number_exists(db: str, office: Office) -> None:
    await load_sample(office)
    chat = await addresses.find_or_create(office, "telegram", "555")
    for staff_no in ("0000", "9021040", "' OR 1=1"):
        assert await binding.start(office, staff_no, chat.id) == "exchange.bind.otp"
    assert await Message.all().count() == 0
    assert (await binding.confirm(office, chat.id, "123456")).text_key == "binding.expired"


async def test_code_of_another_address_does_not_fit(db: str, office: Office) -> None:
    await load_sample(office)
    mine = await addresses.find_or_create(office, "telegram", "555")
    other = await addresses.find_or_create(office, "telegram", "666")
    await binding.start(office, "9021022", mine.id)
    code = await _code(office)
    assert (await binding.confirm(office, other.id, code)).person_id is None
    assert (await binding.confirm(office, mine.id, code)).person_id is not None


async def test_tries_and_time(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    chat = await addresses.find_or_create(office, "telegram", "555")
    await binding.start(office, "9021022", chat.id)
    code = await _code(office)
    for _ in range(5):
        assert (await binding.confirm(office, chat.id, "no")).text_key == "binding.wrong"
    assert await binding.confirm(office, chat.id, code) == binding.Bound(None, "binding.expired")
    await binding.start(office, "9021022", chat.id)
    code = await _code(office)
    clock.advance(timedelta(minutes=10))
    assert await binding.confirm(office, chat.id, code) == binding.Bound(None, "binding.expired")


async def test_three_codes_an_hour(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    for number in range(5):
        chat = await addresses.find_or_create(office, "telegram", f"55{number}")
        await binding.start(office, "9021022", chat.id)
    assert await Message.filter(text_key="T-BIND-CODE").count() == 3
    clock.advance(timedelta(hours=1, minutes=1))
    await binding.start(office, "9021022", chat.id)
    assert await Message.filter(text_key="T-BIND-CODE").count() == 4


async def test_a_new_chat_takes_the_place_of_the_old_and_keeps_the_opt_out(db: str, office: Office) -> None:
    await load_sample(office)
    for identity in ("555", "666"):
        chat = await addresses.find_or_create(office, "telegram", identity)
        await binding.start(office, "9021031", chat.id)
        assert (await binding.confirm(office, chat.id, await _code(office))).person_id is not None
    person = await Person.get(staff_no="9021031")
    assert [one.id for one in await Address.filter(person_id=person.id, channel="telegram")] == [chat.id]
    assert await consent.is_withdrawn(chat.id, "education")


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("4829", None),
        ("482", "signing.four_digits"),
        ("48291", "signing.four_digits"),
        ("４８２９", "signing.four_digits"),
        ("abcd", "signing.four_digits"),
        ("7777", "signing.easy"),
        ("1234", "signing.easy"),
        ("8765", "signing.easy"),
        ("1022", "signing.easy"),
    ],
)
def test_signing_codes(code: str, key: str | None) -> None:
    if key is None:
        signing.check_new_code("9021022", code)
        return
    with pytest.raises(Refused) as refused:
        signing.check_new_code("9021022", code)
    assert refused.value.key == key


async def test_three_wrong_codes_lock_for_a_day(db: str, office: Office, clock: HandClock) -> None:
    person = await Person.create(staff_no="1", name=office.key.encrypt("甲"))
    assert not (await signing.check_code(office, person.id, "4829")).is_set
    await signing.set_code(office, person.id, "4829")
    left = [(await signing.check_code(office, person.id, "0001")).tries_left for _ in range(3)]
    assert left == [2, 1, 0]
    locked = await signing.check_code(office, person.id, "4829")
    assert (locked.ok, locked.locked_until) == (False, clock.now() + timedelta(hours=24))
    clock.advance(timedelta(hours=24))
    assert (await signing.check_code(office, person.id, "4829")).ok
    await signing.check_code(office, person.id, "0001")
    assert (await signing.check_code(office, person.id, "4829")).ok
    assert (await signing.check_code(office, person.id, "0001")).tries_left == 2

"""Which numbers are taken, and how they are shown."""

import pytest

from core import phones

TAKEN = [
    ("13800138000", "valid", "+8613800138000"),
    ("+86 138-0013-8000", "valid", "+8613800138000"),
    ("+852 9123 4567", "valid", "+85291234567"),
    ("+44 7911 123456", "valid", "+447911123456"),
    ("+86100000000001", "possible", "+86100000000001"),
]


@pytest.mark.parametrize(("given", "mode", "expected"), TAKEN)
def test_parse(given: str, mode: phones.Strictness, expected: str) -> None:
    assert phones.parse(given, mode=mode) == expected


REFUSED = [
    ("", "empty"),
    ("  ", "empty"),
    ("abc", "no_number"),
    ("张三", "no_number"),
    ("13800138000 ext 12", "extension"),
    ("13800138000转12", "no_number"),
    ("10086", "short"),
    ("110", "short"),
    ("95588", "short"),
    ("16800001", "premium"),
    ("+1 900 555 1234", "premium"),
    ("+86 138001380001234", "impossible"),
    ("+86100000000001", "invalid"),
]


@pytest.mark.parametrize(("given", "reason"), REFUSED)
def test_refused(given: str, reason: str) -> None:
    with pytest.raises(phones.BadPhone) as caught:
        phones.parse(given)
    assert caught.value.reason == reason
    assert not given.strip() or given not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800130001", "+86 138****0001"),
        ("+86100000000001", "+86 100****0001"),
        ("+85291234567", "+852 91****4567"),
    ],
)
def test_mask(number: str, shown: str) -> None:
    assert phones.mask(number) == shown


def test_mask_hides_what_is_no_number() -> None:
    assert phones.mask("somebody") == "****"


@pytest.mark.parametrize(
    ("sender", "may"), [("+8613800138000", True), ("10086", False), ("TWILIO", False), ("+19005551234", False)]
)
def test_may_reply(sender: str, may: bool) -> None:
    assert phones.may_reply(sender) is may

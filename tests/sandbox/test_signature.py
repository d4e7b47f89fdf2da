"""The signature against the vendor's documented example and against the SDK."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from sandbox.sms.signature import signature_of

DOCUMENTED_FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}


def test_the_documented_example() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature_of("12345", url, DOCUMENTED_FORM) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@pytest.mark.parametrize(
    "form",
    [{}, {"Body": ""}, {"Body": "投诉 é 😀\n+&="}, {"a": "1", "A": "2", "b": "3"}],
)
def test_the_sdk_agrees(form: dict[str, str]) -> None:
    url = "http://127.0.0.1:8080/hooks/twilio/message?x=%E5%BB%89&y"
    assert RequestValidator("secret").validate(url, form, signature_of("secret", url, form))


_WORDS = st.text(alphabet=st.characters(codec="utf-8"))


@given(st.dictionaries(_WORDS, _WORDS), _WORDS)
def test_the_sdk_agrees_on_anything(form: dict[str, str], token: str) -> None:
    assert signature_of(token, "https://a.example/b", form) == RequestValidator(token).compute_signature(
        "https://a.example/b", form
    )

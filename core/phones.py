"""Phone numbers: from what people write to E.164, and back to something that may be shown.

`valid` takes numbers that can exist; `possible` also takes those of the right length (the invented numbers of the
sample
organisation). Short codes and premium numbers are no recipients; an extension is refused, because no SMS reaches one.
"""

from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from core.errors import LianxinError

Strictness = Literal["valid", "possible"]
Reason = Literal["empty", "no_number", "extension", "short", "premium", "impossible", "invalid"]

_COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_SAID: dict[Reason, str] = {
    "empty": "no number is given",
    "no_number": "this is not a phone number",
    "extension": "a number with an extension cannot be reached by SMS",
    "short": "a short or service number cannot be reached by SMS",
    "premium": "a premium number is never written to",
    "impossible": "the number has too many or too few digits",
    "invalid": "no such number is in use",
}


class BadPhone(LianxinError):
    """What was given is no number that we could write to. `reason` is one of a closed list; the number is not kept."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SAID[reason])
        self.reason: Reason = reason


def parse(text: str, *, region: str = "CN", mode: Strictness = "valid") -> str:
    """The number in E.164, read as one of `region` where no country code stands. Raises BadPhone."""
    if not text.strip():
        raise BadPhone("empty")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise BadPhone("no_number") from None
    if reason := _refusal(number, mode):
        raise BadPhone(reason)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _refusal(number: PhoneNumber, mode: Strictness) -> Reason | None:
    if number.extension:
        return "extension"
    if len(str(number.national_number)) < 7 or phonenumbers.is_valid_short_number(number):
        return "short"
    if phonenumbers.number_type(number) in _COSTLY:
        return "premium"
    if not phonenumbers.is_possible_number(number):
        return "impossible"
    if mode == "valid" and not phonenumbers.is_valid_number(number):
        return "invalid"
    return None


def may_reply(sender: str, *, region: str = "CN") -> bool:
    """Whether an SMS sender is a number that an answer can go to: no name, no short code, no premium number."""
    try:
        parse(sender, region=region, mode="possible")
    except BadPhone:
        return False
    return True


def mask(number: str) -> str:
    """An E.164 number for display, its middle hidden: `+86 138****0001`. What is no E.164 number is hidden whole."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "****"
    digits = str(parsed.national_number)
    shown = 3 if len(digits) >= 10 else max(0, (len(digits) - 4) // 2)
    return f"+{parsed.country_code} {digits[:shown]}****{digits[-4:] if len(digits) >= 6 else ''}"

"""Creating a message: Twilio's validation, then acceptance."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sandbox.faults import Fault
from sandbox.ledger import Entry
from sandbox.sms.model import SmsMessage, TwilioAccount, new_sid
from sandbox.sms.receipts import carry, sms_key
from sandbox.sms.refusals import TwilioRefusal
from sandbox.sms.segments import count_segments
from sandbox.world import World

MAX_BODY = 1600
"""Characters of a body, by Twilio's documentation of the parameter."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{4,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def check_create(account: TwilioAccount, form: Mapping[str, str]) -> None:
    """Raise the `TwilioRefusal` that Twilio would answer, if any."""
    to, body = form.get("To", ""), form.get("Body", "")
    if not to:
        raise TwilioRefusal(400, 21604, "A 'To' phone number is required.")
    if not _E164.fullmatch(to):
        raise TwilioRefusal(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    _check_sender(account, form)
    if not body.strip() and not form.get("MediaUrl"):
        raise TwilioRefusal(400, 21602, "Message body is required.")
    if len(body) > MAX_BODY:
        raise TwilioRefusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    _check_callback(form.get("StatusCallback", ""))
    sender, service_sid = _sender_of(account, form)
    if (account.consent_key(sender, service_sid), to) in account.opted_out:
        raise TwilioRefusal(400, 21610, "Attempt to send to unsubscribed recipient")


def _check_sender(account: TwilioAccount, form: Mapping[str, str]) -> None:
    sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
    if not sender and not service:
        raise TwilioRefusal(400, 21603, "A 'From' phone number is required.")
    if service:
        if not service.startswith("MG") or (account.sender and service != account.sender):
            raise TwilioRefusal(400, 21705, "The Messaging Service Sid is invalid.")
        return
    if not _SENDER.fullmatch(sender):
        raise TwilioRefusal(400, 21212, f"The 'From' number {sender} is not a valid phone number, shortcode or sender.")
    if sender == form.get("To"):
        raise TwilioRefusal(400, 21266, "'To' and 'From' number cannot be the same.")
    owned = {account.sender, *account.numbers}
    if not account.sender or sender in owned:
        return
    if sender.startswith("+"):
        raise TwilioRefusal(400, 21659, f"'From' {sender} is not a Twilio phone number or Short Code country mismatch")
    raise TwilioRefusal(
        400,
        21606,
        f"The 'From' phone number provided ({sender}) is not a valid message-capable Twilio phone number "
        "for this destination.",
    )


def _check_callback(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TwilioRefusal(400, 21609, f"The StatusCallback URL {url} is not a valid URL.")


def _sender_of(account: TwilioAccount, form: Mapping[str, str]) -> tuple[str, str | None]:
    service = form.get("MessagingServiceSid")
    if service:
        return form.get("From") or account.main_number, service
    return form["From"], None


def create_message(
    world: World, account: TwilioAccount, form: Mapping[str, str], struck: Sequence[Fault]
) -> SmsMessage:
    """Accept a checked message: keep it, enter it in the ledger and set it on its way."""
    sender, service_sid = _sender_of(account, form)
    message = SmsMessage(
        sid=new_sid(account.message_prefix),
        account_sid=account.sid,
        sender=sender,
        to=form["To"],
        body=form.get("Body", ""),
        direction="outbound-api",
        status="accepted" if service_sid else "queued",
        created=world.clock.now(),
        service_sid=service_sid,
        callback_url=form.get("StatusCallback", ""),
    )
    conversation = account.add(message)
    _enter(world, account, message, form)
    conversation.activity = world.changes.mark(sms_key(account.sid, message.phone))
    world.start(carry(world, account, message, struck, _delivery_error(struck)), f"carry {message.sid}")
    return message


def _enter(world: World, account: TwilioAccount, message: SmsMessage, form: Mapping[str, str]) -> None:
    entry = Entry(
        seq=0,
        id=message.sid,
        provider=account.provider,
        owner=message.account_sid,
        to=message.to,
        text=message.body,
        accepted=message.created,
        segments=count_segments(message.body),
        message=message,
    )
    entry.requests.append({"method": "create", "at": entry.accepted_at, "params": dict(form)})
    world.ledger.append(entry)


def _delivery_error(struck: Sequence[Fault]) -> int | None:
    for fault in struck:
        if fault.effect == "fail_permanently":
            return fault.error_code or 30008
    return None

"""What a virtual phone sends: kept, filtered for opt-out words, and posted to the account's webhook."""

from sandbox.faults import WEBHOOK, Call
from sandbox.sms.consent import opt_out_type
from sandbox.sms.model import SmsMessage, TwilioAccount, new_sid
from sandbox.sms.receipts import sms_key
from sandbox.sms.segments import count_segments
from sandbox.sms.webhook import post_signed
from sandbox.world import World

_PLACE = ("City", "State", "Zip", "Country")


def inbound_form(message: SmsMessage, opt_out: str | None) -> dict[str, str]:
    """Return the parameters of Twilio's webhook for an incoming message."""
    form = {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.sender,
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(count_segments(message.body)),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
    }
    form |= {f"{end}{part}": "" for end in ("From", "To") for part in _PLACE}
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if opt_out:
        form["OptOutType"] = opt_out
    return form


def receive(world: World, account: TwilioAccount, phone: str, to: str, text: str, sid: str | None) -> SmsMessage:
    """Keep what a phone sent to `to`; a SID seen before names the same message again and changes nothing."""
    known = account.by_sid.get(sid or "")
    if known is not None:
        return known
    now = world.clock.now()
    message = SmsMessage(
        sid=sid or new_sid("SM"),
        account_sid=account.sid,
        sender=phone,
        to=to,
        body=text,
        direction="inbound",
        status="received",
        created=now,
        sent=now,
        service_sid=account.service_sid or _service_behind(account, phone, to),
    )
    conversation = account.add(message)
    _apply_opt_out(account, message)
    conversation.activity = world.changes.mark(sms_key(account.sid, phone))
    return message


def _service_behind(account: TwilioAccount, phone: str, number: str) -> str | None:
    """Return the Messaging Service whose pool `number` last wrote to this phone, if one did."""
    conversation = account.conversations.get(phone)
    for message in reversed(conversation.messages if conversation else ()):
        if not message.inbound and message.sender == number:
            return message.service_sid
    return None


def _apply_opt_out(account: TwilioAccount, message: SmsMessage) -> None:
    pair = (account.consent_key(message.to, message.service_sid), message.sender)
    kind = opt_out_type(message.body)
    if kind == "STOP":
        account.opted_out.add(pair)
    elif kind == "START":
        account.opted_out.discard(pair)


async def deliver(world: World, account: TwilioAccount, message: SmsMessage) -> int | None:
    """Post the message to the account's webhook; return its status, None when there was no answer or no webhook.

    A webhook that a fault loses is not posted at all.
    """
    lost = world.faults.strike(Call(account.provider, account.sid, WEBHOOK, message.sender))
    if lost or not account.inbound_url:
        return None
    form = inbound_form(message, opt_out_type(message.body))
    posted = await post_signed(world, account, account.inbound_url, form, "inbound")
    message.webhook_status = posted.status
    world.changes.mark(sms_key(account.sid, message.sender))
    return posted.status

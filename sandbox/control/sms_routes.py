"""Accounts and virtual phones."""

from typing import Any

from aiohttp import web

from sandbox.control.body import Body, Unusable, account_named, read_body
from sandbox.sms.inbound import deliver, receive
from sandbox.sms.model import SmsMessage, TwilioAccount
from sandbox.sms.receipts import sms_key
from sandbox.sms.segments import count_segments
from sandbox.world import WORLD, Phone, World

ACCOUNT_FIELDS = {"token", "sender", "numbers", "inbound_url", "status_delay_ms", "retry_ms"}


def shown_account(account: TwilioAccount) -> dict[str, Any]:
    """Return an account as the JSON API shows it."""
    return {
        "sid": account.sid,
        "sender": account.sender,
        "numbers": account.numbers,
        "inbound_url": account.inbound_url,
        "status_delay_ms": account.status_delay_ms,
        "retry_ms": account.retry_ms,
        "messages": len(account.messages),
        "opted_out": [list(pair) for pair in sorted(account.opted_out)],
        "webhooks": list(account.webhooks),
    }


async def put_account(request: web.Request) -> web.Response:
    """Make an account or change what is given; a new one needs `token`."""
    world = request.app[WORLD]
    body = await read_body(request, ACCOUNT_FIELDS)
    sid = request.match_info["sid"]
    if not sid.startswith("AC"):
        raise Unusable("an account SID begins with AC")
    account = world.accounts.get(sid)
    if account is None:
        account = world.accounts[sid] = TwilioAccount(sid, body.text("token"))
    set_account(account, body)
    return web.json_response(shown_account(account))


def set_account(account: TwilioAccount, body: Body) -> None:
    """Change what is given of the settings that every SMS account has."""
    account.token = body.text("token", account.token)
    account.sender = body.text("sender", account.sender)
    account.inbound_url = body.text("inbound_url", account.inbound_url)
    if body.has("numbers"):
        account.numbers = body.texts("numbers")
    account.status_delay_ms = body.number("status_delay_ms", account.status_delay_ms)
    account.retry_ms = body.number("retry_ms", account.retry_ms)


async def get_account(request: web.Request) -> web.Response:
    """Show an account with the log of its webhooks."""
    return web.json_response(shown_account(account_named(request.app[WORLD], request.match_info["sid"])))


def shown_sms(message: SmsMessage) -> dict[str, Any]:
    """Return a message as phones show it; `direction` is seen from the phone."""
    return {
        "sid": message.sid,
        "direction": "out" if message.inbound else "in",
        "from": message.sender,
        "to": message.to,
        "text": message.body,
        "status": message.status,
        "segments": count_segments(message.body),
        "error_code": message.error_code,
        "at": message.created.isoformat(timespec="milliseconds"),
        "webhook_status": message.webhook_status,
    }


async def put_phone(request: web.Request) -> web.Response:
    """Label a phone on the wall."""
    world = request.app[WORLD]
    body = await read_body(request, {"label", "lang", "account"})
    number = request.match_info["number"]
    phone = world.phones.setdefault(number, Phone(number))
    phone.label = body.text("label", phone.label)
    phone.lang = body.text("lang", phone.lang)
    account = body.maybe_text("account")
    if account:
        phone.accounts.add(account)
    world.changes.mark(sms_key(account or "", number))
    return web.json_response({"number": number, "label": phone.label, "lang": phone.lang})


async def get_phones(request: web.Request) -> web.Response:
    """List every phone that was labelled or took part in a conversation."""
    world = request.app[WORLD]
    accounts: dict[str, list[str]] = {number: sorted(phone.accounts) for number, phone in world.phones.items()}
    for account in world.accounts.values():
        for number in account.conversations:
            accounts.setdefault(number, []).append(account.sid)
    return web.json_response([_shown_phone(world, number, sids) for number, sids in accounts.items()])


def _shown_phone(world: World, number: str, sids: list[str]) -> dict[str, Any]:
    phone = world.phones.get(number, Phone(number))
    return {"number": number, "label": phone.label, "lang": phone.lang, "accounts": sorted(set(sids))}


async def get_phone(request: web.Request) -> web.Response:
    """Show what one phone and one account said to each other, in order."""
    world = request.app[WORLD]
    account = account_named(world, request.query.get("account"))
    number = request.match_info["number"]
    conversation = account.conversations.get(number)
    messages = conversation.messages if conversation else []
    shown = _shown_phone(world, number, [account.sid])
    return web.json_response(shown | {"messages": [shown_sms(m) for m in messages]})


async def send_from_phone(request: web.Request) -> web.Response:
    """Send an SMS from the phone; answers when the webhook has answered.

    With `sid` of an earlier message that message is delivered once more, as it was.
    """
    world = request.app[WORLD]
    body = await read_body(request, {"account", "text", "sid", "to"})
    account = account_named(world, body.maybe_text("account"))
    number, text, sid = request.match_info["number"], body.text("text", ""), body.maybe_text("sid")
    if not text and (sid is None or sid not in account.by_sid):
        raise Unusable("text: a text is needed")
    to = body.maybe_text("to") or _last_sender(account, number)
    message = receive(world, account, number, to, text, sid)
    status = await deliver(world, account, message)
    return web.json_response({"sid": message.sid, "webhook_status": status})


def _last_sender(account: TwilioAccount, number: str) -> str:
    """Return the number that last wrote to this phone: a person answers where the message came from."""
    conversation = account.conversations.get(number)
    for message in reversed(conversation.messages if conversation else ()):
        if not message.inbound:
            return message.sender
    return account.main_number


def routes() -> list[web.RouteDef]:
    """Return the routes about accounts and phones."""
    api = "/sandbox/api"
    return [
        web.put(f"{api}/twilio/accounts/{{sid}}", put_account),
        web.get(f"{api}/twilio/accounts/{{sid}}", get_account),
        web.get(f"{api}/phones", get_phones),
        web.put(f"{api}/phones/{{number}}", put_phone),
        web.get(f"{api}/phones/{{number}}", get_phone),
        web.post(f"{api}/phones/{{number}}/send", send_from_phone),
    ]

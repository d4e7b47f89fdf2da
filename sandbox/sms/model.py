"""Twilio accounts and their messages, in memory."""

import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from sandbox.sms.segments import count_segments
from sandbox.sms.signature import signature_of

POOL_NUMBER = "+15005550006"
"""The number that a Messaging Service without declared numbers sends from."""

REMEMBERED_WEBHOOKS = 1000


@dataclass(slots=True)
class SmsMessage:
    """One SMS, either way."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    service_sid: str | None = None
    callback_url: str = ""
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None
    webhook_status: int | None = None

    @property
    def inbound(self) -> bool:
        """Whether a phone sent it."""
        return self.direction == "inbound"

    @property
    def phone(self) -> str:
        """The number of the virtual phone at the other end."""
        return self.sender if self.inbound else self.to

    @property
    def when(self) -> datetime:
        """What the date filters look at: when it was sent, until then when it was made."""
        return self.sent or self.created


@dataclass(slots=True)
class Conversation:
    """What one phone and one account said to each other."""

    number: str
    messages: list[SmsMessage] = field(default_factory=list)
    activity: int = 0


@dataclass(slots=True)
class TwilioAccount:
    """One account: its credentials, senders, settings and messages. Made by its first use or by the JSON API."""

    provider: ClassVar[str] = "twilio"
    message_prefix: ClassVar[str] = "SM"

    sid: str
    token: str
    sender: str = ""
    numbers: list[str] = field(default_factory=list)
    inbound_url: str = ""
    status_delay_ms: int = 50
    retry_ms: int = 100
    messages: list[SmsMessage] = field(default_factory=list)
    by_sid: dict[str, SmsMessage] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    by_end: dict[str, list[SmsMessage]] = field(default_factory=lambda: defaultdict(list))
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    webhooks: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_WEBHOOKS))

    @property
    def service_sid(self) -> str | None:
        """The Messaging Service that the account sends by, if that is what its sender is."""
        return self.sender if self.sender.startswith("MG") else None

    @property
    def main_number(self) -> str:
        """The number that phones write to when they name none."""
        if self.numbers:
            return self.numbers[0]
        return self.sender if self.sender and not self.service_sid else POOL_NUMBER

    def worded(self, url: str, form: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a webhook that says what `form` says; `url` is without its fragment."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature_of(self.token, url, form),
            "I-Twilio-Idempotency-Token": new_sid("")[:36],
        }
        return headers, urlencode(form).encode()

    def consent_key(self, sender: str, service_sid: str | None) -> str:
        """Return what an opt-out is bound to: the Messaging Service where there is one, else the number."""
        return service_sid or sender

    def add(self, message: SmsMessage) -> Conversation:
        """Keep a message; return the conversation that it belongs to."""
        self.messages.append(message)
        self.by_sid[message.sid] = message
        self.by_end[message.sender].append(message)
        if message.to != message.sender:
            self.by_end[message.to].append(message)
        conversation = self.conversations.setdefault(message.phone, Conversation(message.phone))
        conversation.messages.append(message)
        return conversation


def new_sid(prefix: str) -> str:
    """Return a fresh SID: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def message_uri(message: SmsMessage) -> str:
    """Return the path of a message's resource."""
    return f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}.json"


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment)


def resource_of(message: SmsMessage, error_message: str | None = None) -> dict[str, Any]:
    """Return a message as Twilio's API shows it, every documented property included."""
    uri = message_uri(message)
    waiting = message.status == "accepted"
    return {
        "account_sid": message.account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": _date(message.created),
        "date_sent": _date(message.sent),
        "date_updated": _date(message.updated or message.created),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": error_message,
        "from": None if waiting and message.service_sid else message.sender,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": "0" if waiting else str(count_segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": uri.removesuffix(".json") + "/Media.json"},
        "to": message.to,
        "uri": uri,
    }

"""SMS by any carrier with an HTTP interface: what is posted, and what its answers and webhooks mean, is all settings.

One POST, never repeated. Webhooks carry an HMAC-SHA256 of their raw body, in hexadecimal, in a header.
`docs/how-to-add-a-channel.md` shows a whole set of settings.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from messaging import http_call
from messaging.channel import SMS, Arrival, Outgoing, Report, Result
from messaging.gateway_answer import MOST_ID, Meaning, code_at, judge, value_at
from messaging.gateway_template import Template
from messaging.http_call import NotWritten, Throttled, Unclear
from models.states import MessageState, Outcome

RATE: Final = 1.0
MOST_STATUS: Final = 16


@dataclass(frozen=True)
class GatewaySettings:
    """How one carrier is spoken to. Paths are dotted (see `gateway_answer`), `rate` is in segments a second.

    `number_prefix` is taken off numbers on their way out and put before incoming ones without a plus. `codes` say what
    the carrier's codes stand for, `statuses` what the words of its receipts do; `hook_answer` is what it wants to read
    when a webhook was taken. `time_limit`: seconds for one call.
    """

    url: str
    template: Template
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    number_prefix: str = ""
    id_path: str = "id"
    code_path: str = "code"
    codes: Mapping[str, Meaning] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    signature_header: str = "X-Signature"
    status_token_path: str = "token"
    status_id_path: str = "id"
    status_path: str = "status"
    status_code_path: str = "code"
    statuses: Mapping[str, str] = field(default_factory=dict)
    message_id_path: str = "id"
    message_from_path: str = "from"
    message_text_path: str = "text"
    hook_answer: str = "OK"
    rate: float = RATE
    time_limit: float = http_call.TOTAL_SECONDS


class GatewaySms:
    """The SMS channel of one carrier and sender."""

    name = SMS

    def __init__(self, settings: GatewaySettings, session: aiohttp.ClientSession) -> None:
        self.settings, self._session = settings, session
        self._headers = {**settings.headers, "Content-Type": settings.template.content_type}

    async def send(self, outgoing: Outgoing) -> Result:
        """Post the message once; buttons have no place in an SMS."""
        chosen = self.settings
        values = {
            "to": outgoing.to.removeprefix(chosen.number_prefix),
            "text": outgoing.text,
            "token": outgoing.token,
            "sender": chosen.sender,
        }
        body = chosen.template.render(values)
        try:
            answer = await http_call.call(
                self._session, "POST", chosen.url, seconds=chosen.time_limit, body=body, headers=self._headers
            )
        except NotWritten as error:
            return Result(Outcome.NOT_SENT, code=str(error))
        except Throttled as error:
            return Result(Outcome.THROTTLED, code=str(error), retry_after=error.retry_after)
        except Unclear as error:
            return Result(Outcome.UNKNOWN, code=str(error))
        return judge(answer, chosen.id_path, chosen.code_path, chosen.codes)

    def is_signed(self, body: bytes, signature: str) -> bool:
        """Say whether the carrier signed this body. Without a secret nothing is."""
        if not self.settings.secret:
            return False
        expected = hmac.new(self.settings.secret.encode(), body, "sha256").hexdigest()
        given = signature.strip().lower().removeprefix("sha256=")
        return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())

    def parse_status(self, data: Mapping[str, Any]) -> tuple[str, Report]:
        """Return the attempt's token and what is reported of it. Raises ValueError where either is missing."""
        chosen = self.settings
        token, status = value_at(data, chosen.status_token_path), value_at(data, chosen.status_path)
        provider_id = value_at(data, chosen.status_id_path)
        if not token or not 1 <= len(status) <= MOST_STATUS or len(provider_id) > MOST_ID:
            raise ValueError("no token or no status")
        if "\0" in token + status + provider_id:
            raise ValueError("a character that no text holds")
        state, code = chosen.statuses.get(status), code_at(data, chosen.status_code_path)
        meaning = chosen.codes.get(code or "")
        return token, Report(
            status,
            MessageState(state) if state else None,
            code if meaning != "accepted" else None,
            provider_id or None,
            meaning == "opted_out",
            meaning == "bad_address",
        )

    def parse_message(self, data: Mapping[str, Any]) -> Arrival:
        """Return what an incoming message says. Raises ValueError where it lacks an id or a sender."""
        chosen = self.settings
        provider_id, sender = value_at(data, chosen.message_id_path), value_at(data, chosen.message_from_path)
        if sender and not sender.startswith("+"):
            sender = chosen.number_prefix + sender
        if not 1 <= len(provider_id) <= MOST_ID or not 1 <= len(sender) <= MOST_ID or "\0" in provider_id + sender:
            raise ValueError("no id or no sender")
        text = value_at(data, chosen.message_text_path)
        return Arrival(SMS, provider_id, sender, "text" if text else "other", text or None)

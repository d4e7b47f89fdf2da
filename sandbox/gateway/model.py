"""Accounts of the carrier. What they share with Twilio's (phones, states, opt-outs) reaches webhooks as forms."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar

from sandbox.sms.model import TwilioAccount

WORDS = {"queued": "ACCEPTD", "sent": "ENROUTE", "delivered": "DELIVRD", "undelivered": "UNDELIV", "failed": "REJECTD"}
"""The carrier's words for the states of a message, in the manner of SMPP."""


@dataclass(slots=True)
class GatewayAccount(TwilioAccount):
    """One account: `token` is its API key, `secret` signs its webhooks, `status_url` takes its receipts.

    `refs` holds what the application called each message.
    """

    provider: ClassVar[str] = "gateway"
    message_prefix: ClassVar[str] = "gw"

    secret: str = ""
    status_url: str = ""
    refs: dict[str, str] = field(default_factory=dict)

    def worded(self, url: str, form: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
        """Return a webhook as JSON, signed with HMAC-SHA256 over its bytes."""
        body = json.dumps(self._said(form), ensure_ascii=False).encode()
        signature = hmac.new(self.secret.encode(), body, sha256).hexdigest()
        return {"Content-Type": "application/json; charset=utf-8", "X-Signature": signature}, body

    def _said(self, form: Mapping[str, str]) -> dict[str, str]:
        sid = form["MessageSid"]
        if "MessageStatus" not in form:
            return {"msgid": sid, "from": form["From"], "to": form["To"], "content": form["Body"]}
        status = WORDS[form["MessageStatus"]]
        return {"msgid": sid, "ref": self.refs.get(sid, ""), "stat": status, "err": form.get("ErrorCode", "0")}

"""By whom the demo's SMS go: Twilio's twin, or the carrier with a plain HTTP interface (`lianxin demo --gateway`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.demo import cast

HOOK_SECRET: Final = "demo-secret-of-the-carrier"
RETRY_MS: Final = 1000  # receipts are repeated long enough for the service to come back after the plug was pulled


@dataclass(frozen=True)
class SmsProvider:
    """A provider of the sandbox: `path` and `hooks` make its account, `environment` sets the service up.

    `{service}` and `{sandbox}` stand for their URLs.
    """

    account: str
    path: str
    hooks: Mapping[str, str]
    environment: Mapping[str, str]

    def account_settings(self, service_url: str) -> dict[str, Any]:
        """Return what the sandbox is told of the account."""
        told = {name: value.replace("{service}", service_url) for name, value in self.hooks.items()}
        return {"token": cast.SMS_TOKEN, "sender": cast.SMS_SENDER, "retry_ms": RETRY_MS, **told}

    def settings(self, sandbox_url: str) -> dict[str, str]:
        """Return the service's settings of this provider."""
        return {f"LIANXIN_{name}": value.replace("{sandbox}", sandbox_url) for name, value in self.environment.items()}


TWILIO: Final = SmsProvider(
    account=cast.SMS_ACCOUNT,
    path=f"twilio/accounts/{cast.SMS_ACCOUNT}",
    hooks={"inbound_url": "{service}/hooks/twilio/message"},
    environment={
        "TWILIO__ACCOUNT_SID": cast.SMS_ACCOUNT,
        "TWILIO__AUTH_TOKEN": cast.SMS_TOKEN,
        "TWILIO__SENDER": cast.SMS_SENDER,
        "TWILIO__API_URL": "{sandbox}",
        "TWILIO__RATE": cast.RATE,
    },
)

_BODY: Final = {"mobile": "{to}", "content": "{text}", "ref": "{token}", "from": "{sender}"}
_CODES: Final = {
    "0": "accepted",
    "1001": "not_sent",
    "1002": "bad_address",
    "1003": "rejected",
    "1004": "rejected",
    "1005": "opted_out",
    "1006": "rejected",
    "1007": "throttled",
}
_STATUSES: Final = {
    "ACCEPTD": "accepted",
    "ENROUTE": "sent",
    "DELIVRD": "delivered",
    "UNDELIV": "undelivered",
    "REJECTD": "failed",
}

GATEWAY: Final = SmsProvider(
    account="GWdemo",
    path="gateway/accounts/GWdemo",
    hooks={
        "secret": HOOK_SECRET,
        "inbound_url": "{service}/hooks/gateway/message",
        "status_url": "{service}/hooks/gateway/status",
    },
    environment={
        "GATEWAY__URL": "{sandbox}/gateway/GWdemo/messages",
        "GATEWAY__HEADERS": json.dumps({"X-Api-Key": cast.SMS_TOKEN}),
        "GATEWAY__BODY": json.dumps(_BODY),
        "GATEWAY__SENDER": cast.SMS_SENDER,
        "GATEWAY__RATE": cast.RATE,
        "GATEWAY__SECRET": HOOK_SECRET,
        "GATEWAY__ID_PATH": "data.msgid",
        "GATEWAY__CODES": json.dumps(_CODES),
        "GATEWAY__STATUSES": json.dumps(_STATUSES),
        "GATEWAY__STATUS_TOKEN_PATH": "ref",
        "GATEWAY__STATUS_ID_PATH": "msgid",
        "GATEWAY__STATUS_PATH": "stat",
        "GATEWAY__STATUS_CODE_PATH": "err",
        "GATEWAY__MESSAGE_ID_PATH": "msgid",
        "GATEWAY__MESSAGE_TEXT_PATH": "content",
    },
)

"""The channels that the conformance suite runs against, each with its twin's codes. A new channel is a new entry."""

import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from messaging.channel import Channel
from messaging.gateway import GatewaySettings, GatewaySms
from messaging.telegram import TelegramChat, TelegramSettings
from messaging.twilio_sms import TwilioSettings, TwilioSms
from service.gateway_settings import GatewaySettings as GatewaySection
from tests.messaging.sandbox_client import ROOT, SandboxClient

NUMBER, CHAT, NOWHERE = "+8613800000001", "471100815", "http://127.0.0.1:9"
SECONDS = 0.5
Make = Callable[[SandboxClient, aiohttp.ClientSession, str], Channel]


@dataclass(frozen=True)
class Provider:
    """One channel and its twin. `make` builds it against the server of a URL.

    `codes` are the twin's error codes: `rejected`, `opted_out`, `bad_address`, `lane` (a fault of the lane),
    where it has them.
    """

    name: str
    to: str
    make: Make
    set_up: Callable[[SandboxClient], Awaitable[Any]]
    codes: dict[str, int]


def _twilio(sandbox: SandboxClient, session: aiohttp.ClientSession, url: str) -> Channel:
    settings = TwilioSettings(sandbox.account, sandbox.token, sandbox.sender, url, time_limit=SECONDS)
    return TwilioSms(settings, session, NOWHERE)


def _telegram(sandbox: SandboxClient, session: aiohttp.ClientSession, url: str) -> Channel:
    return TelegramChat(TelegramSettings(sandbox.bot, url, time_limit=SECONDS), session)


def documented_gateway() -> dict[str, Any]:
    """Return the settings that docs/how-to-add-a-channel.md shows."""
    page = (ROOT / "docs" / "how-to-add-a-channel.md").read_text()
    section: dict[str, Any] = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])["gateway"]
    return section


def gateway_settings(sandbox: SandboxClient, url: str, **change: Any) -> GatewaySettings:
    """Return the documented settings for the sandbox's carrier."""
    own = {
        "url": f"{url}/gateway/{sandbox.carrier}/messages",
        "headers": {"X-Api-Key": sandbox.token},
        "secret": sandbox.bot,
        "sender": sandbox.sender,
    }
    settings = GatewaySection.model_validate(documented_gateway() | own | change).channel_settings()
    assert settings is not None
    return replace(settings, time_limit=SECONDS)


def _gateway(sandbox: SandboxClient, session: aiohttp.ClientSession, url: str) -> Channel:
    return GatewaySms(gateway_settings(sandbox, url), session)


def _gateway_by_form(sandbox: SandboxClient, session: aiohttp.ClientSession, url: str) -> Channel:
    """The same by form, and without the codes that HTTP's own status says as well."""
    form = "mobile={to}&content={text}&ref={token}&from={sender}"
    codes = {code: meaning for code, meaning in documented_gateway()["codes"].items() if code not in ("1001", "1007")}
    return GatewaySms(gateway_settings(sandbox, url, body_type="form", body=form, codes=codes), session)


_SMS_CODES = {"rejected": 21617, "opted_out": 21610, "bad_address": 21211, "lane": 20003}
_CARRIER_CODES = {"rejected": 1003, "opted_out": 1005, "bad_address": 1002, "lane": 1001}

PROVIDERS = (
    Provider("twilio", NUMBER, _twilio, lambda sandbox: sandbox.set_up(NOWHERE), _SMS_CODES),
    Provider("gateway", NUMBER, _gateway, lambda sandbox: sandbox.set_up_carrier(NOWHERE), _CARRIER_CODES),
    Provider("gateway", NUMBER, _gateway_by_form, lambda sandbox: sandbox.set_up_carrier(NOWHERE), _CARRIER_CODES),
    Provider(
        "telegram",
        CHAT,
        _telegram,
        lambda sandbox: sandbox.chat(int(CHAT)),
        {"opted_out": 403, "bad_address": 400, "lane": 401},
    ),
)
IDS = ("twilio", "gateway", "gateway-by-form", "telegram")

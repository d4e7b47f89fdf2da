"""Channels and lanes from settings and rows: what the service builds and hands to webhooks and pumps.

The settings make the first lane of each channel. More are rows with encrypted credentials; `refresh` picks up those
that were added, changed or switched off.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import structlog

from core.errors import InvalidSettings
from core.office import Office
from messaging import http_call
from messaging.channel import SMS, TELEGRAM, Channel
from messaging.gateway import GatewaySettings, GatewaySms
from messaging.lane_board import LaneBoard, LaneSpec
from messaging.lanes import Lane, ensure_lane
from messaging.sender import Sender
from messaging.telegram import TelegramChat, TelegramSettings
from messaging.twilio_sms import TwilioSettings, TwilioSms

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True)
class ChannelSettings:
    """The settings of the first lanes; a channel without any is None. SMS go by Twilio or by a gateway."""

    twilio: TwilioSettings | None = None
    gateway: GatewaySettings | None = None
    telegram: TelegramSettings | None = None


class OpenLane:
    """A lane with what sends for it, made from one state of its row."""

    def __init__(self, spec: LaneSpec, lane: Lane, channel: Channel) -> None:
        self.spec, self.lane, self.channel = spec, lane, channel
        self.sender = Sender(lane, channel)


class Messaging:
    """The office's lanes with their channels, those from settings first. `board` is what it knows of their rows."""

    def __init__(
        self, office: Office, session: aiohttp.ClientSession, settings: ChannelSettings, board: LaneBoard
    ) -> None:
        self.office, self.session, self.settings, self.board = office, session, settings, board
        self.open: Mapping[int, OpenLane] = {}
        self._refused: dict[int, LaneSpec] = {}

    async def refresh(self) -> None:
        """Bring `open` up to date with the rows, read at most once a second; what did not change stays the same."""
        await self.board.look(self.office)
        found: dict[int, OpenLane] = {}
        for seen in self.board.lanes.values():
            old = self.open.get(seen.spec.id)
            lane = old if old is not None and old.spec == seen.spec else self._make(seen.spec)
            if lane is not None:
                found[seen.spec.id] = lane
        self.open = found

    @property
    def lanes(self) -> dict[str, Lane]:
        """The lanes by their names; the first of a channel has the channel's name."""
        return {each.spec.name: each.lane for each in self.open.values()}

    @property
    def senders(self) -> list[Sender]:
        """What sends, one for each lane: `outbox.step(office, sender)` is what a pump of its own calls."""
        return [each.sender for each in self.open.values()]

    @property
    def channels(self) -> dict[str, Channel]:
        """The first channel of each kind."""
        return {each.channel.name: each.channel for each in reversed(list(self.open.values()))}

    @property
    def twilio(self) -> TwilioSms | None:
        """The first one, None where there is none."""
        return next((channel for _, channel in self.of(TwilioSms)), None)

    @property
    def gateway(self) -> GatewaySms | None:
        """The carrier's gateway, None where there is none."""
        return next((channel for _, channel in self.of(GatewaySms)), None)

    @property
    def telegram(self) -> TelegramChat | None:
        """The first bot, None where there is none."""
        return next((channel for _, channel in self.of(TelegramChat)), None)

    def of(self, kind: type[T]) -> list[tuple[Lane, T]]:
        """Return the lanes whose channel is of a kind, with it."""
        return [(each.lane, each.channel) for each in self.open.values() if isinstance(each.channel, kind)]

    async def close(self) -> None:
        """Give the lanes up, when the pumps have stopped."""
        for each in self.open.values():
            await each.lane.release()

    def _make(self, spec: LaneSpec) -> OpenLane | None:
        channel = self._from_settings(spec) if spec.credentials is None else self._from_row(spec, spec.credentials)
        if channel is None:
            return None
        board = self.board
        lane = Lane(
            spec.id,
            spec.channel,
            spec.rate,
            board.process,
            sender=spec.sender,
            credentials=spec.credentials,
            alone=board.alone,
            board=board,
        )
        return OpenLane(spec, lane, channel)

    def _from_settings(self, spec: LaneSpec) -> Channel | None:
        """The channel of the settings; None for a lane whose settings were taken away."""
        settings = self.settings
        if spec.name == TELEGRAM and settings.telegram is not None:
            return TelegramChat(settings.telegram, self.session)
        if spec.name == SMS and settings.gateway is not None:
            return GatewaySms(settings.gateway, self.session)
        if spec.name == SMS and settings.twilio is not None:
            return TwilioSms(settings.twilio, self.session, self.office.public_url)
        return None

    def _from_row(self, spec: LaneSpec, credentials: bytes) -> Channel | None:
        """A channel with its own credentials; None, told once, where they cannot be read."""
        if self._refused.get(spec.id) == spec:
            return None
        try:
            given: Mapping[str, str] = json.loads(self.office.key.decrypt(credentials))
            return self._bot(given) if spec.channel == TELEGRAM else self._account(spec, given)
        except Exception as error:  # another key, or a row that was written by other means
            log.error("lane.not_opened", lane=spec.id, kind=type(error).__name__)
            self._refused[spec.id] = spec
            return None

    def _account(self, spec: LaneSpec, given: Mapping[str, str]) -> TwilioSms:
        first = self.settings.twilio
        settings = TwilioSettings(
            account_sid=given["account_sid"],
            auth_token=given["auth_token"],
            sender=spec.sender,
            api_url=given.get("api_url") or (first.api_url if first else None),
            rate=spec.rate,
            time_limit=first.time_limit if first else http_call.TOTAL_SECONDS,
        )
        return TwilioSms(settings, self.session, self.office.public_url)

    def _bot(self, given: Mapping[str, str]) -> TelegramChat:
        first = self.settings.telegram
        secret = given.get("webhook_secret", "")
        settings = TelegramSettings(
            token=given["token"],
            api_url=given.get("api_url") or (first.api_url if first else None),
            webhook_secret=secret,
            mode="webhook" if secret else "polling",
            time_limit=first.time_limit if first else http_call.TOTAL_SECONDS,
        )
        return TelegramChat(settings, self.session)


async def open_messaging(
    office: Office,
    session: aiohttp.ClientSession,
    *,
    twilio: TwilioSettings | None,
    telegram: TelegramSettings | None,
    owner: str,
    alone: bool,
    gateway: GatewaySettings | None = None,
) -> Messaging:
    """Make the first lanes of the channels that are set up, and open all lanes.

    `session` comes from `http_call.open_session()`. `owner` is unique among running processes; `alone` says that no
    other process uses this database (SQLite under `serve`). Raises InvalidSettings for both sorts of SMS at once.
    """
    if twilio is not None and gateway is not None:
        raise InvalidSettings("Set up TWILIO or GATEWAY: SMS leave by one of them.")
    sms = twilio or gateway
    if sms is not None:
        await ensure_lane(SMS, sms.sender, sms.rate)
    if telegram is not None:
        await ensure_lane(TELEGRAM, "", telegram.rate)
    settings = ChannelSettings(twilio, gateway, telegram)
    messaging = Messaging(office, session, settings, LaneBoard(owner, alone=alone))
    await messaging.refresh()
    return messaging

"""Channels and lanes from settings: what the service builds once and hands to webhooks and pumps."""

from collections.abc import Mapping

import aiohttp

from core.errors import InvalidSettings
from core.office import Office
from messaging.channel import SMS, TELEGRAM, Channel
from messaging.gateway import GatewaySettings, GatewaySms
from messaging.lanes import Lane, ensure_lane
from messaging.outbox import Sender
from messaging.telegram import TelegramChat, TelegramSettings
from messaging.twilio_sms import TwilioSettings, TwilioSms


class Messaging:
    """The office's channels with their lanes. A channel without settings is None and has neither lane nor sender.

    SMS go by Twilio or by a carrier's gateway, never by both.

    `senders` holds one for each lane: `outbox.step(office, sender)` is what a pump of its own calls.
    """

    def __init__(
        self,
        office: Office,
        twilio: TwilioSms | None,
        telegram: TelegramChat | None,
        lanes: Mapping[str, Lane],
        gateway: GatewaySms | None = None,
    ) -> None:
        self.office, self.twilio, self.telegram, self.gateway, self.lanes = office, twilio, telegram, gateway, lanes
        found: tuple[Channel | None, ...] = (twilio, gateway, telegram)
        self.channels: dict[str, Channel] = {each.name: each for each in found if each is not None}
        self.senders = [Sender(lanes[name], channel) for name, channel in self.channels.items()]

    async def close(self) -> None:
        """Give the lanes up, when the pumps have stopped."""
        for lane in self.lanes.values():
            await lane.release()


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
    """Make the channels that are set up, and their first lanes.

    `session` comes from `http_call.open_session()`. `owner` is unique among running processes; `alone` says that no
    other process uses this database (SQLite under `serve`). Raises InvalidSettings for both sorts of SMS at once.
    """
    if twilio is not None and gateway is not None:
        raise InvalidSettings("Set up TWILIO or GATEWAY: SMS leave by one of them.")
    lanes: dict[str, Lane] = {}
    sms = carrier = chat = None
    if twilio is not None:
        sms = TwilioSms(twilio, session, office.public_url)
        lane_id = await ensure_lane(SMS, twilio.sender, twilio.rate)
        lanes[SMS] = Lane(lane_id, SMS, twilio.rate, owner, sender=twilio.sender, alone=alone)
    if gateway is not None:
        carrier = GatewaySms(gateway, session)
        lane_id = await ensure_lane(SMS, gateway.sender, gateway.rate)
        lanes[SMS] = Lane(lane_id, SMS, gateway.rate, owner, sender=gateway.sender, alone=alone)
    if telegram is not None:
        chat = TelegramChat(telegram, session)
        lane_id = await ensure_lane(TELEGRAM, "", telegram.rate)
        lanes[TELEGRAM] = Lane(lane_id, TELEGRAM, telegram.rate, owner, alone=alone)
    return Messaging(office, sms, chat, lanes, carrier)

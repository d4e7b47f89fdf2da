"""What somebody does to lanes and to sending by hand: a lane added or changed, everything stopped and resumed.

Each deed is kept as a SendingAct row. Whoever calls this has made sure that the person may (act `lane.manage`).
Credentials go in encrypted and are never given out again; every process sees a change within two seconds.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from core.errors import Conflict, KeyFileError, NotThere, Refused
from core.office import Office
from messaging.channel import SMS, TELEGRAM
from models import lane_queries, sql, wake

MOST_RATE: Final = 10_000.0
MOST_WEIGHT: Final = 1000
MOST_CAP: Final = 100_000_000
MOST_PREFIX: Final = 6  # characters that Address.route keeps
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {SMS: ("account_sid", "auth_token"), TELEGRAM: ("token",)}
OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {SMS: ("api_url",), TELEGRAM: ("webhook_secret", "api_url")}
REPLACEABLE: Final[Mapping[str, tuple[str, ...]]] = {
    SMS: ("auth_token", "api_url"),
    TELEGRAM: ("token", "webhook_secret", "api_url"),
}


@dataclass(frozen=True, slots=True)
class LaneRules:
    """What may be changed of a lane: units a second, the prefix of its numbers, its weight, units a day, on or off."""

    rate: float
    prefix: str = ""
    weight: int = 1
    cap_day: int | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class NewLane:
    """A lane to be added: a Twilio number or Messaging Service (`sender`), or a bot, with its credentials.

    `credentials` of sms: account_sid, auth_token, perhaps api_url; of telegram: token, perhaps webhook_secret (without
    it updates come by polling) and api_url.
    """

    name: str
    channel: str
    rules: LaneRules
    sender: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


async def do_add_lane(office: Office, person_id: int, new: NewLane) -> int:
    """Add a lane and return its id. Raises Refused with what is wrong (keys `lane.…` of the catalogue)."""
    check_lane(new)
    kept = {name: value for name, value in new.credentials.items() if value}
    secret = _locked_up(office, kept)
    async with sql.transaction():
        await _check_new_bot(office, new.channel, kept)
        rules = new.rules
        lane_id = await lane_queries.insert(
            (new.name, new.channel, new.sender, secret, rules.rate, rules.prefix, rules.weight, rules.cap_day),
            enabled=rules.enabled,
        )
        if lane_id is None:
            raise Refused("lane.name_taken", name=new.name)
        await lane_queries.note_act(person_id, "add_lane", lane_id, office.clock.now())
        await _tell(office)
    return lane_id


async def do_change_lane(office: Office, person_id: int, lane_id: int, rules: LaneRules) -> None:
    """Change a lane. Raises NotThere, and Refused with what is wrong; the settings' lane keeps the settings' rate."""
    async with sql.transaction():
        lane = await lane_queries.one(lane_id)
        if lane is None:
            raise NotThere
        check_rules(lane["channel"], rules)
        if lane["credentials"] is None and rules.rate != lane["rate"]:
            raise Refused("lane.of_settings")
        values = (rules.rate, rules.prefix, rules.weight, rules.cap_day)
        await lane_queries.change(lane_id, values, enabled=rules.enabled)
        await lane_queries.note_act(person_id, "change_lane", lane_id, office.clock.now())
        await _tell(office)


async def do_change_credentials(office: Office, person_id: int, lane_id: int, given: Mapping[str, str]) -> None:
    """Replace credentials of a lane that has its own; what is not given, or empty, stays. A pause of the lane ends.

    The account or the bot stays: what is unknown is looked for, and receipts are checked, where it was sent. A new
    api_url needs the token anew, or the kept one could be had from there. Raises NotThere, Refused with what is wrong.
    """
    new = {name: value for name, value in given.items() if value}
    async with sql.transaction():
        lane = await lane_queries.one_locked(lane_id)
        if lane is None:
            raise NotThere
        if lane["credentials"] is None:
            raise Refused("lane.keys_of_settings")
        old = _read(office, lane["credentials"])
        _check_new_credentials(lane["channel"], old, new)
        await _check_new_bot(office, lane["channel"], new, but=lane_id)
        await lane_queries.replace_credentials(lane_id, _locked_up(office, old | new))
        await lane_queries.note_act(person_id, "change_credentials", lane_id, office.clock.now())
        await _tell(office)


async def do_stop_sending(office: Office, person_id: int) -> None:
    """Stop everybody's sending, answers too: nothing leaves from five seconds on. Raises Conflict where it is so."""
    now = office.clock.now()
    async with sql.transaction():
        if not await lane_queries.stop(json.dumps({"person": person_id, "at": now.isoformat()})):
            raise Conflict("sending.stopped")
        await lane_queries.note_act(person_id, "stop_sending", None, now)
        await _tell(office)


async def do_resume_sending(office: Office, person_id: int) -> None:
    """Let sending go on. Raises Conflict where it was not stopped."""
    async with sql.transaction():
        if not await lane_queries.resume():
            raise Conflict("sending.not_stopped")
        await lane_queries.note_act(person_id, "resume_sending", None, office.clock.now())
        await _tell(office)


async def is_stopped() -> bool:
    """Say whether somebody stopped sending."""
    return await lane_queries.is_stopped()


def check_lane(new: NewLane) -> None:
    """Raise Refused where a new lane cannot be as it is."""
    if new.channel not in NEEDED:
        raise Refused("lane.bad_channel")
    if not 1 <= len(new.name) <= 64 or not new.name.isprintable() or new.name != new.name.strip():
        raise Refused("lane.bad_name")
    if new.name in NEEDED:  # the settings' lanes are called so
        raise Refused("lane.name_taken", name=new.name)
    if new.channel == SMS and not (1 <= len(new.sender) <= 64 and _is_plain(new.sender)):
        raise Refused("lane.bad_sender")
    check_rules(new.channel, new.rules)
    _check_credentials(new)


def check_rules(channel: str, rules: LaneRules) -> None:
    """Raise Refused where a lane of this channel cannot be like that."""
    if not 0 < rules.rate <= MOST_RATE:
        raise Refused("lane.bad_rate", most=int(MOST_RATE))
    if channel != SMS and rules.prefix:
        raise Refused("lane.chat_prefix")
    digits = rules.prefix[1:]
    is_prefix = rules.prefix[:1] == "+" and digits.isascii() and digits.isdecimal() and len(rules.prefix) <= MOST_PREFIX
    if rules.prefix and not is_prefix:
        raise Refused("lane.bad_prefix", most=MOST_PREFIX - 1)
    if not 1 <= rules.weight <= MOST_WEIGHT:
        raise Refused("lane.bad_weight", most=MOST_WEIGHT)
    if rules.cap_day is not None and not 1 <= rules.cap_day <= MOST_CAP:
        raise Refused("lane.bad_cap", most=MOST_CAP)


def _check_credentials(new: NewLane) -> None:
    given = {name: value for name, value in new.credentials.items() if value}
    for name in NEEDED[new.channel]:
        if name not in given:
            raise Refused("lane.no_credentials", what=name)
    _check_written(given, (*NEEDED[new.channel], *OPTIONAL[new.channel]))


def _check_new_credentials(channel: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Raise Refused where these cannot replace some of the old ones."""
    token = NEEDED[channel][-1]
    if not new:
        raise Refused("lane.nothing_new")
    _check_written(new, REPLACEABLE[channel])
    if channel == TELEGRAM and _bot_of(new.get("token", old["token"])) != _bot_of(old["token"]):
        raise Refused("lane.other_bot")
    if token not in new and new.get("api_url", old.get("api_url")) != old.get("api_url"):
        raise Refused("lane.no_credentials", what=token)


def _check_written(given: Mapping[str, str], known: Collection[str]) -> None:
    """Raise Refused for a credential that is none of the known ones, or that cannot be one as it is written."""
    for name, value in given.items():
        if name not in known or len(value) > 512 or not _is_plain(value):
            raise Refused("lane.bad_credentials", what=name)
    if "token" in given and not (_bot_of(given["token"]).isdecimal() and given["token"].partition(":")[2]):
        raise Refused("lane.bad_credentials", what="token")
    url = urlsplit(given.get("api_url", "https://provider"))
    if url.scheme not in ("http", "https") or not url.netloc:
        raise Refused("lane.bad_credentials", what="api_url")


async def _check_new_bot(office: Office, channel: str, new: Mapping[str, str], but: int | None = None) -> None:
    """Two lanes of one bot would ask for the same updates; a secret of two bots would not tell them apart."""
    if channel != TELEGRAM:
        return
    bot, secret = _bot_of(new.get("token", "")), new.get("webhook_secret")
    for stored in await lane_queries.credentials_of(TELEGRAM, but=but):
        try:
            other = _read(office, stored)
        except Refused:  # a lane that nobody can open harms no other
            continue
        if (bot and bot == _bot_of(other["token"])) or (secret and secret == other.get("webhook_secret")):
            raise Refused("lane.bot_taken")


def _bot_of(token: str) -> str:
    """Return the id of the bot that a token is for."""
    return token.partition(":")[0]


def _locked_up(office: Office, credentials: Mapping[str, str]) -> bytes:
    return office.key.encrypt(json.dumps(credentials, sort_keys=True))


def _read(office: Office, stored: bytes) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(office.key.decrypt(bytes(stored)))
    except KeyFileError:
        raise Refused("lane.unreadable") from None
    return found


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


async def _tell(office: Office) -> None:
    office.wakes.lanes.set()
    await wake.tell("lanes")

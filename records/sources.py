"""How the engine fills a field that nobody is asked: one function for each source that common.yaml names."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from records.kind import UNKNOWN, Kind
from records.source import Source

CHANNELS: Final = {"sms": "sms", "telegram": "chat", "web": "web"}
"""The channels of messages, and the choice of the set `channel` that each is."""
NAMED_MODES: Final = ("named", "confidential")


RULE_ENGINE: Final = "rule_engine"
"""The source of what a risk rule says of itself and of what it counted."""
RULE_REACH: Final = "rule_reach"
"""The source of the field that says whether the head of a unit may know of an alert."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known when a record is filed. `address` is the number or chat id in clear, for sealing only."""

    kind: Kind
    source: Source
    now: dt.datetime
    number: str = ""
    address: str | None = None
    staff_no: str | None = None
    unit_code: str | None = None
    post: str | None = None


Filler = Callable[[Origin, Mapping[str, str]], str | None]


def iso(moment: dt.datetime) -> str:
    """Return a moment as it stands in facts: ISO, UTC, seconds."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def confidential_if_name_given(origin: Origin, values: Mapping[str, str]) -> str | None:
    """Return confidential when a field of the class of identities was answered by the sender, else anonymous."""
    names = (field.id for field in origin.kind.fields.values() if field.visible == "P5_identity" and not field.source)
    given = any(values.get(name) not in (None, "", UNKNOWN) for name in names)
    return "confidential" if given else "anonymous"


SOURCES: Final[Mapping[str, Filler]] = {
    "number": lambda origin, values: origin.number,
    "query_code": lambda origin, values: None,  # kept as a keyed hash alone, by filing
    "filing_time": lambda origin, values: iso(origin.now),
    "channel": lambda origin, values: CHANNELS[origin.source.channel],
    "language": lambda origin, values: origin.source.lang,
    "address": lambda origin, values: origin.address,
    "owner": lambda origin, values: origin.staff_no,
    "owner_unit": lambda origin, values: origin.unit_code,
    "owner_post": lambda origin, values: origin.post,
    "proof_of_sender": lambda origin, values: origin.source.proof,
    "confidential_if_name_given": confidential_if_name_given,
    "home_amount": lambda origin, values: None,  # worked out from the amount, or given by an act
    "exchange_rate": lambda origin, values: None,  # the rate that a foreign amount was worked out by
    "rate_day": lambda origin, values: None,  # and its day
    "publish_rule": lambda origin, values: None,  # found when the track of the publication begins
    "two_persons": lambda origin, values: None,  # who did the last act of two persons
    "first_handler": lambda origin, values: None,  # known when the first clerk acts
    "period": lambda origin, values: origin.source.period,
    "entries_of_period": lambda origin, values: None,  # looked up whenever the return is answered or an entry is filed
    "computed_late": lambda origin, values: "false",  # set by the acts that answer late
    "computed_amended": lambda origin, values: "false",  # set once an entry is filed in a month answered with zero
    RULE_ENGINE: lambda origin, values: None,  # given by the rule that files the record
    RULE_REACH: lambda origin, values: None,  # given by the rule that files the record
    "due_date": lambda origin, values: None,  # a column of the row, it moves with the state
}


def fill(origin: Origin, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values with every field filled that has a source or a default and was not given."""
    filled = {field.id: field.default for field in origin.kind.fields.values() if field.default is not None}
    known: dict[str, str] = {**filled, **values}
    for field in origin.kind.fields.values():
        value = SOURCES[field.source](origin, values) if field.source else None
        if value:
            known[field.id] = value
    return known

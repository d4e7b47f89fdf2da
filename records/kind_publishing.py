"""What a kind says of publishing its records and of writing letters of them; part of the picture in `records.kind`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """One reason of a rule: so many `times` of the same, or a field that is `at_least` (minor units) or `equals`."""

    reason: str
    times: int | None = None
    field: str | None = None
    at_least: int | None = None
    equals: str | None = None


@dataclass(frozen=True, slots=True)
class PublishRule:
    """Which thresholds a record meets, in which field that is kept, and by which fields another is of the same.

    The first of the fields `same` that is known decides; records in the states `without` do not count. `shows` are the
    fields that the public reads; what was shown is kept sealed in the field `kept`. `days` are the fields of the first
    and the last day of publication, `letters` those of the day of a letter and of the amount, for the totals of a year.
    """

    field: str
    same: tuple[str, ...]
    without: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    shows: tuple[str, ...]
    kept: str
    days: tuple[str, ...]
    letters: tuple[str, ...]
    earlier: "EarlierFields | None" = None


@dataclass(frozen=True, slots=True)
class EarlierFields:
    """Where a record keeps the numbers of the earlier ones of the same, and the sum of their field `of`."""

    records: str
    amount: str
    of: str


@dataclass(frozen=True, slots=True)
class LetterForm:
    """The letter that is written of a record: the fields of its number and of whom it goes to; its texts.

    `reply` is the limit until whose end it may be answered. `shows` maps each variable of the texts to the field that
    fills it.
    """

    no: str
    to: str
    texts: str
    reply: str
    shows: Mapping[str, str]

"""What a kind says of values in flight and of making its records known; part of the picture in `records.kind`."""

from dataclasses import dataclass

from core.conditions import Condition


@dataclass(frozen=True, slots=True)
class Flight:
    """Sealed fields that others than the group must read meanwhile: kept besides, encrypted by the service key.

    For as long as the record stands in one of the `states`, or under the `alert`.
    """

    fields: tuple[str, ...]
    states: frozenset[str]
    alert: str | None


@dataclass(frozen=True, slots=True)
class MadeKnown:
    """How a record is made known: from the state `begins_at` on, to the persons in the field `readers`.

    Where nobody is named there, to all active staff of the unit in the field `unit`, else of the house. `shows` are the
    fields that readers see, `call` and `remind` the texts that tell and remind them (once, after `remind_after`);
    `public_when` says when it stands on the page for everybody.
    """

    begins_at: str
    states: frozenset[str]
    readers: str | None
    unit: str | None
    shows: tuple[str, ...]
    call: str | None
    remind: str | None
    remind_after: str | None
    public_when: Condition | None

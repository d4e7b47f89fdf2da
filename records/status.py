"""Progress for the owner, in neutral words: by number and query code, or from the address the record came from."""

import datetime as dt
from dataclasses import dataclass

from core.office import Office
from records.kind import Kinds


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Where a record stands: `state_key` is the neutral word; `text_key` is T-STATUS or T-STATUS-DONE; `date` its date."""

    record_id: int
    number: str
    text_key: str
    state_key: str
    date: dt.date


async def status(
    office: Office, kinds: Kinds, number: str, code: str | None, address_id: int | None
) -> StatusLine | None:
    """Return where a record stands; None where number and code do not match, or after five wrong tries in 24 hours."""
    raise NotImplementedError


async def own_open(office: Office, kinds: Kinds, address_id: int, person_id: int | None) -> list[StatusLine]:
    """Return the open records of an address or of the person bound to it, newest first."""
    raise NotImplementedError

"""Where a filing or an answer came from."""

from dataclasses import dataclass
from typing import Literal

Proof = Literal["bound_account", "signing_code", "console", "paper", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """The address and, where it is bound, the person; the channel ('sms', 'telegram', 'web'), language and proof.

    `address_id` is None only for what staff enter at the console, or where the service itself opens a record and the
    person has no address. `period` is the month (2026-09) that the service asks about.
    """

    address_id: int | None
    person_id: int | None
    channel: str
    lang: str
    proof: Proof = "none"
    period: str | None = None

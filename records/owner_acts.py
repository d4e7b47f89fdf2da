"""What the owner of a record does with it: rates, withdraws, supplies what was missing, asks for a review."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.office import Office
from records.kind import Kinds
from records.source import Source


@dataclass(frozen=True, slots=True)
class Rated:
    """The text to answer a rating with, and whether what was wrong is asked now."""

    text_key: str
    ask_why: bool


async def rate(office: Office, kinds: Kinds, record_id: int, digit: str, source: Source) -> Rated:
    """Rate an answer with one digit 0 to 5, in the caller's transaction. Raises Refused for anything else."""
    raise NotImplementedError


async def say_why(office: Office, kinds: Kinds, record_id: int, text: str, source: Source) -> None:
    """Append what was wrong after a low rating."""
    raise NotImplementedError


async def supply(office: Office, kinds: Kinds, record_id: int, values: Mapping[str, str], source: Source) -> None:
    """Append what the office asked for, and move the record on (已补充, 补正)."""
    raise NotImplementedError


async def do_owner_act(
    office: Office, kinds: Kinds, record_id: int, act: str, values: Mapping[str, str], source: Source
) -> None:
    """Do an act of the owner, e.g. 撤回 or 申请复查, in the caller's transaction."""
    raise NotImplementedError

"""Filing: the record, its sealed statement, matches, number, query code and ledger entry, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.office import Office
from records.kind import Kinds
from records.source import Source


@dataclass(frozen=True, slots=True)
class Filed:
    """A record that came to be. `query_code` is shown once, never stored; `replies` are texts with their values."""

    record_id: int
    public_id: str
    number: str
    query_code: str | None
    replies: tuple[tuple[str, Mapping[str, Any]], ...]


async def file(office: Office, kinds: Kinds, kind_id: str, values: Mapping[str, str], source: Source) -> Filed:
    """File a record in the caller's transaction. Raises NotAllowed, Refused."""
    raise NotImplementedError

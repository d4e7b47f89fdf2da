"""Amending: a later answer is appended as a statement of its own, nothing is rewritten."""

from collections.abc import Mapping

from core.office import Office
from records.kind import Kinds
from records.source import Source


async def amend(office: Office, kinds: Kinds, record_id: int, values: Mapping[str, str], source: Source) -> None:
    """Append answers of the owner to his record, in the caller's transaction. Raises NotThere, Refused."""
    raise NotImplementedError

"""What the clock does to records: transitions of the system whose time is up."""

from core.office import Office
from records.kind import Kinds


async def step(office: Office, kinds: Kinds) -> int:
    """Move one slice of records whose time is up, each in a transaction of its own; return how many moved."""
    raise NotImplementedError

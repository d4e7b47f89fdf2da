"""What the clock does for monthly returns, for a pump: open the month that is due, follow what is registered."""

from core.office import Office
from oversight import returns_follow, returns_opening
from records.kind import Kinds


async def step(office: Office, kinds: Kinds) -> int:
    """Do one slice of each; return how much was done."""
    return await returns_follow.step(office, kinds) + await returns_opening.step(office, kinds)

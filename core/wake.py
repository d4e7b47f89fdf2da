"""Wake-ups inside a process. One may be missed without harm: every pump looks by itself every two seconds anyway."""

import asyncio


class WakeUps:
    """One event for each pump: somebody wrote, something is to be said, a run is due."""

    def __init__(self) -> None:
        self.inbound = asyncio.Event()
        self.outbox = asyncio.Event()
        self.runs = asyncio.Event()

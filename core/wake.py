"""Wake-ups inside a process. One may be missed without harm: every pump looks by itself every two seconds anyway."""

import asyncio


class WakeUp:
    """Wakes everybody who waits. `turn` grows with each call of `set`, so that none is lost between look and wait."""

    def __init__(self) -> None:
        self.turn = 0
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake all who wait now, and those who begin to wait with an older turn."""
        self.turn += 1
        waiting, self._event = self._event, asyncio.Event()
        waiting.set()

    async def wait_past(self, turn: int, seconds: float) -> None:
        """Return when `set` was called after that turn, or after so many seconds."""
        if self.turn != turn:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass


class WakeUps:
    """One for each sort of work: somebody wrote, something is to be said, runs are due, lanes changed, files wait."""

    def __init__(self) -> None:
        self.inbound = WakeUp()
        self.outbox = WakeUp()
        self.runs = WakeUp()
        self.lanes = WakeUp()
        self.files = WakeUp()

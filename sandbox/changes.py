"""What changed, for pages that want to know at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Subscription:
    """The keys that changed since one listener last looked; a slow listener loses nothing but repetition."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._wake = asyncio.Event()

    def add(self, key: str) -> None:
        """Note one more changed key."""
        self._keys.add(key)
        self._wake.set()

    async def take(self) -> list[str]:
        """Wait until something changed; return the sorted keys and forget them."""
        await self._wake.wait()
        self._wake.clear()
        keys, self._keys = self._keys, set()
        return sorted(keys)


class Changes:
    """Tells every listener which conversation (`sms:ACCOUNT:NUMBER`, `chat:BOT:CHAT`) changed.

    Each mark also takes the next number of one sequence, which orders the conversations by their last activity.
    """

    def __init__(self) -> None:
        self._listeners: set[Subscription] = set()
        self._sequence = 0

    def mark(self, key: str) -> int:
        """Tell every listener that `key` changed; return the number of this change."""
        self._sequence += 1
        for listener in self._listeners:
            listener.add(key)
        return self._sequence

    @contextmanager
    def listen(self) -> Iterator[Subscription]:
        """Subscribe for the length of the block."""
        subscription = Subscription()
        self._listeners.add(subscription)
        try:
            yield subscription
        finally:
            self._listeners.discard(subscription)

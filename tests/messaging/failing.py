"""A database that goes away in the middle of taking in what came."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from messaging import inbox


@contextmanager
def second_receive_fails(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The second arrival taken in meanwhile finds no database; the others are stored."""
    receive, calls = inbox.receive, []

    async def failing(*given: object) -> bool:
        calls.append(given)
        if len(calls) == 2:
            raise OSError("no database")
        return await receive(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "receive", failing)
        yield

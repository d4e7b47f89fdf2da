"""Receipts from webhooks, many to a commit: what comes while one commit runs goes into the next.

Each caller hears after its own receipt is durable. A receipt that cannot be written spoils no other.
"""

import asyncio
from typing import Final, NamedTuple

import structlog

from core.office import Office
from messaging import receipts
from messaging.channel import Report

log = structlog.get_logger()

MOST: Final = 200


class _Given(NamedTuple):
    token: str
    report: Report
    kept: asyncio.Future[bool]


class ReceiptWriter:
    """Writes the receipts of one process. Call it outside any transaction."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._waiting: list[_Given] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, token: str, report: Report) -> bool:
        """Do what `receipts.record` does, together with others; raises what the database raises for this one."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Given(token, report, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="receipts.write")
        return await kept

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._write(batch)
            except Exception:
                log.warning("receipts.one_by_one", many=len(batch), exc_info=True)
                for each in batch:
                    await self._write_one(each)

    async def _write(self, batch: list[_Given]) -> None:
        taken = await receipts.record_all(self._office, [(each.token, each.report) for each in batch])
        for each, is_ours in zip(batch, taken, strict=True):
            if not each.kept.done():
                each.kept.set_result(is_ours)

    async def _write_one(self, each: _Given) -> None:
        """Write one alone, unless nobody waits for it any more: then the provider repeats it."""
        if each.kept.done():
            return
        try:
            await self._write([each])
        except Exception as error:
            if not each.kept.done():
                each.kept.set_exception(error)

"""A process that fetches the files that are wanted and ends: what the kill tests kill. Its argument is JSON."""

import asyncio
import json
import sys
from zoneinfo import ZoneInfo

from bot import fetching
from core.clock import SystemClock
from core.crypto import ServiceKey
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar
from messaging import http_call
from messaging.telegram import TelegramChat, TelegramSettings
from models.database import close_database, open_database


async def main(given: dict[str, str]) -> None:
    """Fetch until nothing is wanted."""
    office = Office(
        clock=SystemClock(),
        key=ServiceKey([bytes.fromhex(given["key"])]),
        texts=Texts({}),
        calendar=Calendar(),
        limits=Limits.load(),
        zone=ZoneInfo("Asia/Shanghai"),
        locale="zh-Hans",
        signature={},
        public_url="http://127.0.0.1",
    )
    await open_database(given["database_url"], pool=2)
    async with http_call.open_session() as session:
        chat = TelegramChat(TelegramSettings(given["token"], given["api_url"], mode="polling"), session)
        while await fetching.step(office, lambda _: chat):
            pass
    await close_database()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

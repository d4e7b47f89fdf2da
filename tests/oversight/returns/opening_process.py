"""A process that opens the month that is due and ends: what the kill tests kill. Its one argument is a JSON object."""

import asyncio
import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import bot
import campaigns
import oversight
import people
import records
from core.clock import HandClock
from core.crypto import ServiceKey
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar
from models.database import close_database, open_database
from oversight import returns, returns_opening
from records.loading import load_kinds


async def main(given: dict[str, str]) -> None:
    """Step until nothing is left to do."""
    texts = Texts.load(people.TEXTS, campaigns.TEXTS, oversight.TEXTS, bot.TEXTS, records.TEXTS)
    office = Office(
        clock=HandClock(datetime.fromisoformat(given["now"])),
        key=ServiceKey([bytes.fromhex(given["key"])]),
        texts=texts,
        calendar=Calendar(),
        limits=Limits.load(),
        zone=ZoneInfo("Asia/Shanghai"),
        locale="zh-Hans",
        signature={"zh-Hans": "【星澜海关】", "zh-Hant": "【星瀾海關】", "en": "Xinglan Customs: "},
        public_url="http://127.0.0.1",
    )
    returns_opening.SLICE = int(given["slice"])  # type: ignore[misc] # smaller than ever, for more places to die at
    await open_database(given["database_url"], pool=2)
    kinds = load_kinds(texts, office.limits)
    while await returns.step(office, kinds):
        pass
    await close_database()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

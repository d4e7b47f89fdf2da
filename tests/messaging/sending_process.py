"""A process that sends what is queued and ends: what the kill tests kill. Its one argument is a JSON object."""

import asyncio
import json
import sys
from zoneinfo import ZoneInfo

from core.clock import SystemClock
from core.crypto import ServiceKey
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar
from messaging import http_call, outbox
from messaging.setup import open_messaging
from messaging.twilio_sms import TwilioSettings
from models.database import close_database, open_database


async def main(given: dict[str, str]) -> None:
    """Send until the queue is empty."""
    office = Office(
        clock=SystemClock(),
        key=ServiceKey([bytes.fromhex(given["key"])]),
        texts=Texts({}),
        calendar=Calendar(),
        limits=Limits.load(),
        zone=ZoneInfo("Asia/Shanghai"),
        locale="zh-Hans",
        signature={},
        public_url=given["public_url"],
    )
    await open_database(given["database_url"], pool=2)
    twilio = TwilioSettings(given["account"], given["token"], given["sender"], given["api_url"], rate=1000)
    async with http_call.open_session() as session:
        messaging = await open_messaging(office, session, twilio=twilio, telegram=None, owner="killed", alone=True)
        while await outbox.step(office, messaging.senders[0]):
            pass
        await messaging.close()
    await close_database()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

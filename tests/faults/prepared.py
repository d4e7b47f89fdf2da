"""An installation just before its run of 500: people imported, a reminder written, tested, submitted, approved.

Made once for each sort of database, with the product's own functions; each trial works on a copy.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from campaigns import approving, drafting, trying
from campaigns.audience import Audience
from campaigns.drafting import Draft
from core.office import Office
from models.outgoing import Message
from people.importing import import_people
from service.opening import open_installation
from service.settings import Settings
from tests.people.sample import actor, load_sample

EDITOR, APPROVER = 9021012, 9021013
UNIT = "U90"
NUMBER = "+86100900{n:06d}"
NAME = "甄演练{n:03d}"
SIZE = 500
OPTED_OUT = frozenset(range(10, 17))
WITHOUT_NUMBER = frozenset((101, 202, 303))
TO_SEND = SIZE - len(OPTED_OUT) - len(WITHOUT_NUMBER)
TEXTS: Mapping[str, str] = {
    "zh-Hans": "节前请再看一遍礼品登记的规定，收到请回复。",
    "zh-Hant": "節前請再看一遍禮品登記的規定，收到請回覆。",
    "en": "Before the holiday please read the rules on gifts once more and acknowledge.",
}
SIGNATURE = {"SIGNATURE__HANS": "【星澜海关】", "SIGNATURE__HANT": "【星瀾海關】", "SIGNATURE__EN": "Xinglan Customs: "}


def zone_of_midday() -> str:
    """Name a zone in which it is about midday now: bulk messages rest at night, and tests must not."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


def number(n: int) -> str:
    return NUMBER.format(n=n)


def staff_no(n: int) -> str:
    return f"95{n:05d}"


async def prepare(database_url: str, key_file: Path, size: int = SIZE) -> None:
    """Bring an empty migrated database to the moment before the run; the key file is made where it is missing."""
    folder = key_file.with_name("prepared")
    settings = Settings(data_dir=folder, database_url=database_url, key_file=key_file, timezone=zone_of_midday())
    async with open_installation(settings) as installation:
        office = installation.office
        await load_sample(office)
        report = await import_people(office, units=_unit(), staff=_staff(size), phones="possible")
        assert report.written, report.problems
        await _approved(office)


async def _approved(office: Office) -> None:
    editor = await actor(office, EDITOR)
    draft = Draft("五百人", TEXTS, audience=Audience((UNIT,)), ack=True, when_missed="send")
    campaign = await drafting.do_create(office, editor, draft)
    await trying.do_test(office, editor, campaign.public_id)
    await Message.filter(category="test").update(state="delivered", accepted_at=office.clock.now())
    await approving.do_submit(office, editor, campaign.public_id, campaign.version)
    await approving.do_approve(office, await actor(office, APPROVER), campaign.public_id, campaign.version)


def _unit() -> bytes:
    return f"unit_id,parent,name_zh,name_en\n{UNIT},U00,演练名册,Drill list\n".encode()


def _staff(size: int) -> bytes:
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(("staff_no", "name_zh", "unit_id", "phone", "lang", "preferred_channel", "education_msgs"))
    for n in range(1, size + 1):
        lang = "zh-Hans" if n <= 400 else "zh-Hant" if n <= 450 else "en"
        phone = "" if n in WITHOUT_NUMBER else number(n)
        said = "out" if n in OPTED_OUT else "in"
        table.writerow((staff_no(n), NAME.format(n=n), UNIT, phone, lang, "sms", said))
    return file.getvalue().encode()

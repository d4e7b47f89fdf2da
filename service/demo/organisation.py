"""The sample organisation: its units and staff, accounts for those who have a role, the reminders on their way.

All is done through the product's own functions by the persons who would do it, at the demo's moment.
"""

import asyncio
import csv
import io
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Final

from campaigns import approving, drafting, trying
from campaigns.audience import Audience
from campaigns.scheduling import AtTime, BeforeFestival, OnApproval, When
from core.office import Office
from models.campaign import Campaign
from models.org import Person
from people.access import Actor, actor_of
from people.accounts import Entered, create_account, sign_in
from people.importing import import_people
from people.signing import set_code
from records.kind import Kinds
from records.members import admit, arrive, standings
from service.demo import cast
from service.demo.processes import DemoFailed

SAMPLE: Final = Path(__file__).parent / "sample"
TEMPLATE: Final = "RM-ZQ-01"
NEXT_TEMPLATE: Final = "RM-YD-02"
SEND_AT: Final = time(9, 0)
TEST_SECONDS: Final = 20.0
RUN_TITLE: Final = "500 人演练 · Run of 500"
RUN_NUMBERS: Final = "+86100900000{n:03d}"


async def prepare(office: Office, kinds: Kinds, start: datetime, password: str) -> str:
    """Make everything that the tour begins with; return the public id of the reminder. Safe to call again."""
    if not await Person.exists(staff_no=cast.EDITOR):
        files = ("org_units.csv", "staff.csv", "companies.csv")
        await _import(office, *((SAMPLE / name).read_bytes() for name in files))
        await _accounts(office, password)
        await _keys(office, kinds, password)
        await _signing_code(office)
    found = await Campaign.filter(template=TEMPLATE).first()
    return found.public_id if found is not None else await _reminders(office, start)


async def actor(office: Office, staff_no: str) -> Actor:
    """Return a member of the cast as the actor of the product's functions."""
    person = await Person.get(staff_no=staff_no)
    return await actor_of(office, person.id)


async def prepare_run(office: Office) -> str:
    """Import 500 persons who have a number, write a reminder to them, let it be approved; return its public id."""
    if not await Person.exists(staff_no="9500001"):
        await _import(office, _run_unit(), _run_staff())
    editor, approver = await actor(office, cast.EDITOR), await actor(office, cast.APPROVER)
    draft = drafting.draft_from(NEXT_TEMPLATE, lang="zh-Hans", when=OnApproval(), audience=Audience((cast.RUN_UNIT,)))
    campaign = await _submitted(office, editor, replace(draft, title=RUN_TITLE))
    await approving.do_approve(office, approver, campaign.public_id, campaign.version)
    return campaign.public_id


async def _import(office: Office, units: bytes, staff: bytes, companies: bytes | None = None) -> None:
    report = await import_people(office, units=units, staff=staff, companies=companies, phones="possible")
    if not report.ok:
        raise DemoFailed(f"The sample organisation could not be imported: {len(report.problems)} problem(s).")


async def _accounts(office: Office, password: str) -> None:
    """Give the cast accounts with the password of this demo, which only its own door knows."""
    for staff_no in dict.fromkeys((*(staff_no for _, staff_no in cast.ROLES), *cast.MEMBERS)):
        person = await Person.get(staff_no=staff_no)
        await create_account(office, person.id, login_of(staff_no), password)


def login_of(staff_no: str) -> str:
    """Return the login of a member of the cast."""
    return f"demo-{staff_no}"


async def enter(office: Office, kinds: Kinds, staff_no: str, password: str) -> tuple[Entered, Actor]:
    """Sign a member of the cast in, with what a sign-in brings about. Raises Refused where he has no account."""
    entered = await sign_in(office, login_of(staff_no), password)
    me = await actor_of(office, entered.account.person_id, entered.key)
    await arrive(office, kinds, me)
    return entered, me


async def _keys(office: Office, kinds: Kinds, password: str) -> None:
    """Those who read a whole register take its key over and admit the others of the cast."""
    for keeper in cast.MEMBERS[:2]:
        _, me = await enter(office, kinds, keeper, password)
        for standing in await standings(kinds, me):
            for row in standing.waiting if standing.mine else ():
                await admit(office, kinds, me, standing.group, row["id"])


async def _signing_code(office: Office) -> None:
    person = await Person.get(staff_no="9021022")
    await set_code(office, person.id, cast.QUAY_SIGNING_CODE)


async def _reminders(office: Office, start: datetime) -> str:
    editor = await actor(office, cast.EDITOR)
    due: When = AtTime(datetime.combine(start.date(), SEND_AT))
    campaign = await _submitted(office, editor, drafting.draft_from(TEMPLATE, lang="zh-Hans", when=due))
    when = BeforeFestival("yuandan", 3, SEND_AT)
    await drafting.do_create(office, editor, drafting.draft_from(NEXT_TEMPLATE, lang="zh-Hans", when=when))
    return campaign.public_id


async def _submitted(office: Office, editor: Actor, draft: drafting.Draft) -> Campaign:
    """Write a campaign, send its author the test message, wait until he has it, submit."""
    campaign = await drafting.do_create(office, editor, draft)
    await trying.do_test(office, editor, campaign.public_id)
    async with asyncio.timeout(TEST_SECONDS):
        while not await trying.is_tested(campaign):
            await asyncio.sleep(0.1)
    return await approving.do_submit(office, editor, campaign.public_id, campaign.version)


def _run_unit() -> bytes:
    return f"unit_id,parent,name_zh,name_en\n{cast.RUN_UNIT},U00,演练名册,Drill list\n".encode()


def _run_staff() -> bytes:
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(("staff_no", "name_zh", "unit_id", "phone", "lang", "preferred_channel", "education_msgs"))
    for n in range(1, cast.RUN_SIZE + 1):
        lang = "zh-Hans" if n <= 400 else "zh-Hant" if n <= 450 else "en"
        phone = "" if n in cast.RUN_WITHOUT_NUMBER else RUN_NUMBERS.format(n=n)
        out = "out" if n in cast.RUN_OPTED_OUT else "in"
        table.writerow((f"95{n:05d}", f"演练{n:03d}", cast.RUN_UNIT, phone, lang, "sms", out))
    return file.getvalue().encode()

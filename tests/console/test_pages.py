"""Every page renders, in both languages, for whom it is for."""

import pytest

from tests.console.conftest import sqlite_only
from tests.console.house import House

PAGES = [
    ("editor", "/"),
    ("editor", "/account"),
    ("editor", "/reminders"),
    ("editor", "/reminders?view=draft"),
    ("editor", "/reminders/new"),
    ("editor", "/reminders/new?template=own"),
    ("editor", "/reminders/new?template=RM-ZQ-01"),
    ("editor", "/reminders/moment?when=festival&festival=zhongqiu&days_before=3&festival_time=09:00"),
    ("editor", "/reminders/{campaign}"),
    ("editor", "/reminders/{campaign}/edit"),
    ("editor", "/reminders/{campaign}/recipients/to_send"),
    ("editor", "/reminders/{campaign}/recipients/skipped"),
    ("editor", "/reminders/{campaign}/recipients/on_leave"),
    ("approver", "/"),
    ("approver", "/reminders/{campaign}"),
    ("clerk", "/"),
    ("clerk", "/records/complaint"),
    ("clerk", "/records/complaint?view=all&number={number}"),
    ("clerk", "/records/complaint/{complaint}"),
    ("clerk", "/keys"),
    ("integrity_head", "/keys"),
    ("unit_head", "/keys"),
    ("clerk", "/inbox"),
    ("clerk", "/inbox/{talk}"),
    ("integrity_head", "/"),
    ("integrity_head", "/records/intercession"),
    ("integrity_head", "/records/intercession/{plea}"),
    ("integrity_head", "/digest"),
    ("integrity_head", "/reports"),
    ("integrity_head", "/reports/R01?period=2026"),
    ("leader", "/reports"),
    ("leader", "/reports/R09?period=2025"),
    ("unit_head", "/reports/R03?period=2026-09"),
    ("custodian", "/reports/R07?period=2026Q3"),
    ("auditor", "/reports/R15"),
    ("integrity_head", "/waiting"),
    ("integrity_head", "/records/bulletin"),
    ("integrity_head", "/records/bulletin/new"),
    ("integrity_head", "/records/commendation/new"),
    ("integrity_head", "/records/transfer/new"),
    ("integrity_head", "/records/retaliation"),
    ("leader", "/waiting"),
    ("leader", "/records/bulletin"),
    ("area_leader", "/waiting"),
    ("area_leader", "/records/intercession"),
    ("clerk", "/waiting"),
    ("clerk", "/bulletins"),
    ("sysadmin", "/bulletins"),
    ("handler", "/"),
    ("handler", "/records/complaint"),
    ("unit_head", "/records/complaint"),
    ("auditor", "/"),
    ("leader", "/"),
    ("sysadmin", "/"),
    ("sysadmin", "/people"),
    ("sysadmin", "/people?unit=U10&status=active"),
    ("sysadmin", "/people/units"),
    ("sysadmin", "/people/import"),
    ("sysadmin", "/people/{person}"),
    ("sysadmin", "/accounts"),
    ("sysadmin", "/sending"),
    ("sysadmin", "/sending/stop"),
    ("sysadmin", "/sending/lanes/new"),
    ("sysadmin", "/sending/lanes/{lane}"),
    ("sysadmin", "/sending/unknown"),
    ("sysadmin", "/sending/unknown/others"),
    ("sysadmin", "/sending/unknown/others/resend"),
    ("sysadmin", "/sending/unknown/others/resend?message={unknown}"),
    ("approver", "/sending/unknown"),
    ("sysadmin", "/sending/incidents"),
    ("sysadmin", "/sending/incidents?view=closed"),
    ("sysadmin", "/sending/messages"),
    ("sysadmin", "/sending/messages?state=queued&channel=sms&category=reply"),
    ("sysadmin", "/sending/messages/{message}"),
]


def filled(house: House, path: str) -> str:
    known = {
        "campaign": house.campaign.public_id,
        "complaint": house.complaint.public_id,
        "plea": house.plea.public_id,
        "number": house.complaint.number or "",
        "talk": house.talk,
        "person": "{person}",
        "message": str(house.message),
        "unknown": str(house.unknown),
        "lane": str(house.lane),
    }
    return path.format(**known)


@sqlite_only
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
async def test_every_page_renders(house: House, lang: str) -> None:
    officer = await house.person("officer")
    faults = []
    for role, path in PAGES:
        address = filled(house, path).replace("{person}", officer.public_id)
        async with await house.as_role(role, lang) as browser:
            answer = await browser.get(address)
        if answer.status != 200 or answer.path != address:
            faults.append((role, address, answer.status, answer.path))
    assert not faults

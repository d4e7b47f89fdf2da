"""Who plays: phones and chats of staff, outsiders and companies; the sample organisation; signing codes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from models.org import Account, Person
from people.sessions import open_session
from people.signing import set_code
from service.demo.organisation import enter, login_of
from tests.keys import unlocked
from tests.people.sample import FOLDER, load_sample
from tests.scenarios.stage import Stage

DEMO_PASSWORD = "rain over the harbour"
SIGNING_CODES = {"9021022": "4829", "9021023": "7316", "9021029": "5083"}


@dataclass(frozen=True)
class Contact:
    """The phone and chat of somebody; empty where he has none."""

    phone: str
    chat: str


@cache
def contacts() -> Mapping[str, Contact]:
    """Return everybody's phone and chat by staff number or id."""
    found = {}
    for name, key in (("staff.csv", "staff_no"), ("external_people.csv", "id")):
        with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                found[row[key]] = Contact(row["phone"], row["chat_id"])
    return found


async def settle_in(stage: Stage) -> None:
    """Load the sample organisation; everybody with a chat has started it; who signs has a signing code."""
    await load_sample(stage.office)
    for contact in contacts().values():
        if contact.chat:
            await stage.sandbox.chat(int(contact.chat))
    for staff_no, code in SIGNING_CODES.items():
        await set_code(stage.office, (await Person.get(staff_no=staff_no)).id, code)


async def session_of(stage: Stage, staff_no: str) -> str:
    """Return the token of a new session of a member of staff. No password: a hash costs more than all his pages."""
    person = await Person.get(staff_no=staff_no)
    if await Account.exists(login=login_of(staff_no)):
        entered, _ = await enter(stage.office, stage.kinds, staff_no, DEMO_PASSWORD)
        return await open_session(stage.office, entered.account.id, entered.key)
    actor = await unlocked(stage.office, stage.kinds, person.id)
    assert actor.key is not None
    return await open_session(stage.office, actor.key.account_id, actor.key)

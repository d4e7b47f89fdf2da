"""Who plays: phones and chats of staff, outsiders and companies; the sample organisation; signing codes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from models.org import Account, Person
from people.accounts import create_account
from people.signing import set_code
from tests.people.sample import FOLDER, load_sample
from tests.scenarios.stage import Stage

PASSWORD = "Correct-horse-9-battery"
SIGNING_CODES = {"9021022": "4829", "9021023": "7316"}


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


async def login_of(stage: Stage, staff_no: str) -> str:
    """Return the login of a member of staff, who gets an account where he has none."""
    person = await Person.get(staff_no=staff_no)
    login = f"t{staff_no}"
    if not await Account.exists(person_id=person.id):
        await create_account(stage.office, person.id, login, PASSWORD)
    return login

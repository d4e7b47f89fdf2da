"""The signing code: four digits by which a person vouches for what he files over SMS, where the sender is a claim.

The row holds a keyed hash; three wrong tries lock it for 24 hours.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.errors import NotThere, Refused
from core.office import Office
from models import people_queries
from models.org import Person

TRIES: Final = 3
LOCK: Final = timedelta(hours=24)
_FORM: Final = re.compile(r"[0-9]{4}")
_IN_ORDER: Final = "01234567890 09876543210"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a try: whether it fits, how many are left, whether there is a code at all, and until when it is
    locked."""

    ok: bool
    tries_left: int
    is_set: bool = True
    locked_until: datetime | None = None


def check_new_code(staff_no: str | None, code: str) -> None:
    """Raise Refused for a code that is no four digits, or one that is guessed first."""
    if not _FORM.fullmatch(code):
        raise Refused("signing.four_digits")
    if len(set(code)) == 1 or code in _IN_ORDER or (staff_no or "").endswith(code):
        raise Refused("signing.easy")


async def set_code(office: Office, person_id: int, code: str) -> None:
    """Store a person's signing code. Raises Refused for one that is no four digits or is guessed first; NotThere."""
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise NotThere
    check_new_code(person.staff_no, code)
    await Person.filter(id=person_id).update(
        signing_hash=_hash(office, person_id, code), signing_tries=0, signing_locked_until=None
    )


async def check_code(office: Office, person_id: int, code: str) -> Checked:
    """Look at one try; three wrong ones lock the code for 24 hours. Raises NotThere."""
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise NotThere
    if person.signing_hash is None:
        return Checked(False, 0, is_set=False)
    now = office.clock.now()
    made = await people_queries.count_signing_try(person_id, now, now + LOCK, TRIES)
    if made is None:
        return Checked(False, 0, locked_until=person.signing_locked_until)
    if hmac.compare_digest(person.signing_hash, _hash(office, person_id, code.strip())):
        await Person.filter(id=person_id).update(signing_tries=0, signing_locked_until=None)
        return Checked(True, TRIES)
    return Checked(False, TRIES - made, locked_until=now + LOCK if made >= TRIES else None)


def _hash(office: Office, person_id: int, code: str) -> str:
    return office.key.keyed_hash("signing code", f"{person_id}:{code}")

"""Rows of staff: who somebody is, how he is reached, what he may do. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.phones import BadPhone, Strictness, parse
from core.text import LANGUAGES
from people.csv_table import Problem, Row, read_table
from people.roles import Roles
from people.row_checks import Checks, parts

REQUIRED: Final = ("staff_no", "name_zh", "unit_id")
COLUMNS: Final = (
    *REQUIRED,
    *("name_en", "post", "post_class", "roles", "phone", "chat_id", "lang", "preferred_channel", "scope_units"),
    *("status", "in_post_since", "monthly_report", "education_msgs", "note"),
)
CHANNELS: Final = {"chat": "telegram", "telegram": "telegram", "sms": "sms", "none": None}
POST_CLASSES: Final = ("leader", "key", "ordinary")
STATUSES: Final = ("active", "leave", "left")
_CHAT_ID: Final = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One person of the file. `grants` are (role, unit code or None); phone is E.164."""

    line: int
    staff_no: str
    name: str
    name_en: str
    unit: str
    post: str
    post_class: str
    grants: tuple[tuple[str, str | None], ...]
    phone: str | None
    chat_id: str | None
    lang: str
    preferred_channel: str | None
    status: str
    in_post_since: date | None
    monthly_report: bool
    education_out: bool


def read_staff(
    data: bytes, units: Collection[str], roles: Roles, mode: Strictness = "valid", file: str = "staff"
) -> tuple[list[StaffLine], list[Problem]]:
    """Return the persons of a file and what is wrong; `units` are the codes that exist after the import of units."""
    table = read_table(file, data, COLUMNS, REQUIRED)
    checks = Checks(file)
    checks.problems += table.problems
    return [_staff(row, checks, units, roles, mode) for row in table.rows], checks.problems


def _staff(row: Row, checks: Checks, units: Collection[str], roles: Roles, mode: Strictness) -> StaffLine:
    staff_no = checks.code(row, "staff_no")
    checks.once(row, "staff_no", staff_no)
    phone, chat_id = _phone(row, checks, mode), _chat_id(row, checks)
    return StaffLine(
        line=row.line,
        staff_no=staff_no,
        name=checks.words(row, "name_zh", most=60, needed=True),
        name_en=checks.words(row, "name_en", most=60),
        unit=_unit(row, "unit_id", row["unit_id"], checks, units),
        post=checks.words(row, "post"),
        post_class=checks.choice(row, "post_class", POST_CLASSES, "ordinary"),
        grants=_grants(row, checks, units, roles),
        phone=phone,
        chat_id=chat_id,
        lang=checks.choice(row, "lang", LANGUAGES, "zh-Hans"),
        preferred_channel=CHANNELS.get(checks.choice(row, "preferred_channel", CHANNELS, "none")),
        status=checks.choice(row, "status", STATUSES, "active"),
        in_post_since=_date(row, checks),
        monthly_report=checks.choice(row, "monthly_report", ("y", "n", "excused"), "y") != "n",
        education_out=checks.choice(row, "education_msgs", ("in", "out"), "in") == "out",
    )


def _unit(row: Row, column: str, code: str, checks: Checks, units: Collection[str]) -> str:
    if not code:
        checks.wrong(row, column, "import.empty_cell")
    elif code not in units:
        checks.wrong(row, column, "import.no_unit", item=code[:32])
    return code


def _grants(row: Row, checks: Checks, units: Collection[str], roles: Roles) -> tuple[tuple[str, str | None], ...]:
    """Each role with each unit of its scope; a role for the whole house or for what is his own has no unit."""
    scopes = [_unit(row, "scope_units", code, checks, units) for code in parts(row["scope_units"])]
    found: list[tuple[str, str | None]] = []
    for name in parts(row["roles"]):
        role = roles.by_id.get(name)
        if role is None:
            checks.wrong(row, "roles", "import.no_role", item=name[:32])
        elif role.reach != "units":
            found.append((name, None))
        elif not scopes:
            checks.wrong(row, "scope_units", "import.scope_needed", item=name)
        else:
            found += [(name, code) for code in scopes]
    return tuple(found)


def _phone(row: Row, checks: Checks, mode: Strictness) -> str | None:
    if not row["phone"]:
        return None
    try:
        number = parse(row["phone"], mode=mode)
    except BadPhone as bad:
        checks.wrong(row, "phone", f"import.phone.{bad.reason}")
        return None
    checks.once(row, "phone", number)
    return number


def _chat_id(row: Row, checks: Checks) -> str | None:
    text = row["chat_id"]
    if not text:
        return None
    if not _CHAT_ID.fullmatch(text):
        checks.wrong(row, "chat_id", "import.chat_id")
        return None
    checks.once(row, "chat_id", text)
    return text


def _date(row: Row, checks: Checks) -> date | None:
    if not row["in_post_since"]:
        return None
    try:
        return date.fromisoformat(row["in_post_since"])
    except ValueError:
        checks.wrong(row, "in_post_since", "import.date")
        return None

"""Rows of companies: company_code, name_zh, name_en, short_zh, kind; contacts and agreements are not kept. Pure."""

from dataclasses import dataclass
from typing import Final

from people.csv_table import Problem, read_table
from people.row_checks import Checks

REQUIRED: Final = ("company_code", "name_zh")
COLUMNS: Final = (
    *REQUIRED,
    *("short_zh", "name_en", "kind", "contact_zh", "contact_phone", "lang"),
    *("agreement", "agreement_kind", "agreement_valid_to", "note"),
)


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """One company of the file."""

    line: int
    code: str
    name_zh: str
    short_zh: str
    name_en: str
    kind: str


def read_companies(data: bytes, file: str = "companies") -> tuple[list[CompanyLine], list[Problem]]:
    """Return the companies of a file and what is wrong with it."""
    table = read_table(file, data, COLUMNS, REQUIRED)
    checks = Checks(file)
    checks.problems += table.problems
    companies: list[CompanyLine] = []
    for row in table.rows:
        code = checks.code(row, "company_code")
        checks.once(row, "company_code", code)
        name = checks.words(row, "name_zh", needed=True)
        others = checks.words(row, "short_zh"), checks.words(row, "name_en"), checks.words(row, "kind", most=32)
        companies.append(CompanyLine(row.line, code, name, *others))
    return companies, checks.problems

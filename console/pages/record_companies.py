"""The companies that were found for what somebody wrote in a record, for who reads it."""

from console.visit import Visit
from models import record_queries
from models.org import Organisation
from people.companies import find_company
from records.kind import Kind
from records.marks import company_mark
from records.matching import FOUND
from records.reading import Opened


async def companies_in(visit: Visit, kind: Kind, opened: Opened) -> dict[str, str]:
    """Return code and name of the company by what was written; only where the record counts as of that company."""
    found: dict[str, str] = {}
    for field in kind.fields.values():
        text = opened.values.get(field.id)
        if field.lookup is None or not isinstance(text, str):
            continue
        code = await find_company(text)
        kept = await record_queries.matches(opened.row.id, field.id + FOUND) if code else frozenset()
        if code and company_mark(visit.office, code) in kept:
            company = await Organisation.get(code=code)
            found[text] = f"{code} {company.name_en if visit.lang == 'en' and company.name_en else company.name_zh}"
    return found

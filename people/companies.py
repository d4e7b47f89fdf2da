"""Companies: written from an import, found by what somebody wrote."""

from collections.abc import Sequence
from typing import Final

from models import company_queries
from models.org import Organisation
from people.company_names import chosen, key_of, keys_of
from people.company_rows import CompanyLine
from people.import_store import Change, Outcome

_PAGE: Final = 500


async def find_company(text: str) -> str | None:
    """Return the code of the company that a text means: its code, a name, a short name, an unambiguous part of one.

    None where it means none that is known, or could mean several.
    """
    wanted = key_of(text)
    return chosen(wanted, await company_queries.may_fit(wanted)) if wanted else None


async def write_companies(lines: Sequence[CompanyLine]) -> Outcome:
    """Create and update companies and make their spellings anew, in the caller's transaction; none is deleted."""
    if not lines:
        return Outcome()
    before = {one.code: one for one in await Organisation.all()}
    new = [line for line in lines if line.code not in before]
    await Organisation.bulk_create([Organisation(code=line.code, **_columns(line)) for line in new], batch_size=_PAGE)
    changed = [change for line in lines if line.code in before and (change := await _update(before[line.code], line))]
    await _spell()
    missing = sorted(before.keys() - {line.code for line in lines})
    same = len(lines) - len(new) - len(changed)
    return Outcome(tuple(line.code for line in new), tuple(changed), same, tuple(missing))


def _columns(line: CompanyLine) -> dict[str, str]:
    return {"name_zh": line.name_zh, "short_zh": line.short_zh, "name_en": line.name_en, "kind": line.kind}


async def _update(company: Organisation, line: CompanyLine) -> Change | None:
    different = {name: value for name, value in _columns(line).items() if getattr(company, name) != value}
    if not different:
        return None
    await Organisation.filter(id=company.id).update(**different)
    return Change(line.code, tuple(different))


async def _spell() -> None:
    companies = await Organisation.all()
    keys = keys_of({one.code: (one.name_zh, one.short_zh, one.name_en) for one in companies})
    await company_queries.replace_keys([(one.id, key) for one in companies for key in sorted(keys[one.code])])
